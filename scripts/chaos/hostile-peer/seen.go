package main

import (
	"sync"

	"github.com/cometbft/cometbft/proto/tendermint/consensus"
)

// Kept of each channel, at most; then the oldest goes.
const keptCopies = 64

// What nodes have sent so far, over all connections: where they are, and messages to send back altered.
type seen struct {
	lock   sync.Mutex
	height int64
	round  int32
	// Addresses of those whose votes came.
	voters [][]byte
	copies map[byte][][]byte
}

// note keeps a message. It answers whether that tells at which height the node is.
func (seen *seen) note(channel byte, message []byte) bool {
	seen.lock.Lock()
	defer seen.lock.Unlock()
	copies := append(seen.copies[channel], message)
	seen.copies[channel] = copies[max(0, len(copies)-keptCopies):]
	if channel != stateChannel && channel != voteChannel {
		return false
	}
	var said consensus.Message
	if said.Unmarshal(message) != nil {
		return false
	}
	if vote := said.GetVote(); vote != nil && vote.Vote != nil && len(seen.voters) < keptCopies {
		seen.voters = append(seen.voters, vote.Vote.ValidatorAddress)
	}
	step := said.GetNewRoundStep()
	if step == nil {
		return false
	}
	seen.height, seen.round = step.Height, step.Round
	return true
}

// now answers the height and the round in which nodes are.
func (seen *seen) now() (int64, int32) {
	seen.lock.Lock()
	defer seen.lock.Unlock()
	return max(1, seen.height), seen.round
}

// copiesOf answers messages of a channel that came from nodes.
func (seen *seen) copiesOf(channel byte) [][]byte {
	seen.lock.Lock()
	defer seen.lock.Unlock()
	return append([][]byte(nil), seen.copies[channel]...)
}

func (seen *seen) addresses() [][]byte {
	seen.lock.Lock()
	defer seen.lock.Unlock()
	return append([][]byte(nil), seen.voters...)
}
