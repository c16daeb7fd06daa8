package main

import (
	"math"
	"math/rand"
	"time"

	"github.com/cosmos/gogoproto/proto"

	"github.com/cometbft/cometbft/proto/tendermint/mempool"
	"github.com/cometbft/cometbft/proto/tendermint/types"
)

// CometBFT takes as much in one message.
const poolBytes = 1_000_000

// poolMessages puts entries into as few messages as take them.
func poolMessages(entries [][]byte) [][]byte {
	var messages []proto.Message
	room := 0
	for _, entry := range entries {
		if len(messages) == 0 || len(entry) > room {
			messages = append(messages, &mempool.Txs{})
			room = poolBytes
		}
		last := messages[len(messages)-1].(*mempool.Txs)
		last.Txs = append(last.Txs, entry)
		room -= len(entry)
	}
	return encodeAll(messages)
}

func poolSets(random *rand.Rand, _ *seen) []set {
	var junk [][]byte
	for range 500 {
		junk = append(junk, bytesOf(random, 1+random.Intn(400)))
	}
	return []set{
		{"entries of no sense", []proto.Message{&mempool.Txs{Txs: junk}}},
		{"no entry", []proto.Message{&mempool.Txs{}}},
		{"an empty entry", []proto.Message{&mempool.Txs{Txs: [][]byte{{}}}}},
		{"one entry of a megabyte", []proto.Message{&mempool.Txs{Txs: [][]byte{bytesOf(random, poolBytes)}}}},
	}
}

func evidenceSets(random *rand.Rand, seen *seen) []set {
	now, round := seen.now()
	known := append(seen.addresses(), bytesOf(random, nameBytes))
	var double, light []types.Evidence
	for _, height := range heights(now) {
		by := known[random.Intn(len(known))]
		double = append(double, doubleOf(&types.DuplicateVoteEvidence{
			VoteA: voteOf(random, height, round, 0, by), VoteB: voteOf(random, height, round, 0, by), TotalVotingPower: 4, ValidatorPower: 1, Timestamp: time.Now(),
		}))
		header := &types.Header{ChainID: "x", Height: height, Time: time.Now(), ProposerAddress: by}
		commit := &types.Commit{Height: height, Round: round, BlockID: blockOf(random), Signatures: []types.CommitSig{{}}}
		signed := &types.SignedHeader{Header: header, Commit: commit}
		light = append(light,
			lightOf(&types.LightClientAttackEvidence{ConflictingBlock: &types.LightBlock{SignedHeader: signed, ValidatorSet: &types.ValidatorSet{}}, CommonHeight: height, TotalVotingPower: math.MaxInt64, Timestamp: time.Now()}),
			lightOf(&types.LightClientAttackEvidence{ConflictingBlock: &types.LightBlock{}, CommonHeight: height, Timestamp: time.Now()}),
		)
	}
	empty := []types.Evidence{doubleOf(&types.DuplicateVoteEvidence{Timestamp: time.Now()}), lightOf(&types.LightClientAttackEvidence{Timestamp: time.Now()}), {}}
	return []set{
		{"two votes of somebody", each(random, double)},
		{"attacks of nobody", each(random, light)},
		{"with nothing in it", each(random, empty)},
		{"all of it", []proto.Message{&types.EvidenceList{Evidence: append(append(double, light...), empty...)}}},
		{"none", []proto.Message{&types.EvidenceList{}}},
	}
}

func doubleOf(evidence *types.DuplicateVoteEvidence) types.Evidence {
	return types.Evidence{Sum: &types.Evidence_DuplicateVoteEvidence{DuplicateVoteEvidence: evidence}}
}

func lightOf(evidence *types.LightClientAttackEvidence) types.Evidence {
	return types.Evidence{Sum: &types.Evidence_LightClientAttackEvidence{LightClientAttackEvidence: evidence}}
}

// each answers a message for each piece.
func each(random *rand.Rand, list []types.Evidence) []proto.Message {
	var messages []proto.Message
	for _, evidence := range list {
		messages = append(messages, &types.EvidenceList{Evidence: []types.Evidence{evidence}})
	}
	return shuffled(random, messages)
}
