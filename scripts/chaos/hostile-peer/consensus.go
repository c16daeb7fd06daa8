package main

import (
	"math"
	"math/rand"
	"time"

	"github.com/cosmos/gogoproto/proto"

	"github.com/cometbft/cometbft/proto/tendermint/consensus"
	"github.com/cometbft/cometbft/proto/tendermint/crypto"
	"github.com/cometbft/cometbft/proto/tendermint/libs/bits"
	"github.com/cometbft/cometbft/proto/tendermint/types"
)

const (
	far         = int64(1) << 62
	hashBytes   = 32
	signedBytes = 64
	// Of an address.
	nameBytes = 20
	// More votes, and more parts of a block, than CometBFT takes.
	tooManyVotes = 10_001
	tooManyParts = 1_602
)

// Where nobody is, and where the nodes are.
func heights(now int64) []int64 {
	return []int64{far, math.MaxInt64, now, now + 1, now - 1, 1, 0, -1, math.MinInt64}
}

func stateSets(random *rand.Rand, seen *seen) []set {
	now, round := seen.now()
	var steps, blocks, votes, majorities []proto.Message
	for _, height := range heights(now) {
		steps = append(steps,
			&consensus.NewRoundStep{Height: height, Round: round + 1, Step: 3},
			&consensus.NewRoundStep{Height: height, Round: math.MaxInt32, Step: 8, SecondsSinceStartTime: math.MaxInt64, LastCommitRound: math.MaxInt32},
			&consensus.NewRoundStep{Height: height, Round: 0, Step: 1, SecondsSinceStartTime: math.MinInt64, LastCommitRound: -1},
		)
		for _, parts := range []int64{1, tooManyParts, math.MaxUint32, 0, -1} {
			header := types.PartSetHeader{Total: uint32(parts), Hash: bytesOf(random, hashBytes)}
			block := &consensus.NewValidBlock{Height: height, Round: round, BlockPartSetHeader: header, BlockParts: &bits.BitArray{Bits: parts}, IsCommit: true}
			blocks = append(blocks, block, &consensus.NewValidBlock{Height: height, BlockPartSetHeader: header})
		}
		for _, index := range []int32{0, 3, 4, math.MaxInt32, -1} {
			votes = append(votes, &consensus.HasVote{Height: height, Round: round, Type: types.PrecommitType, Index: index})
			votes = append(votes, &consensus.HasVote{Height: height, Round: math.MaxInt32, Type: types.SignedMsgType(index), Index: index})
		}
		for round := range int32(40) {
			majorities = append(majorities, &consensus.VoteSetMaj23{Height: height, Round: round, Type: types.PrevoteType, BlockID: blockOf(random)})
		}
	}
	steps = shuffled(random, steps)
	return append(
		[]set{{"rounds far away", steps[:1]}, {"many rounds", steps}, {"majorities of nobody", shuffled(random, majorities)}},
		set{"a step of no round", []proto.Message{&consensus.NewRoundStep{Height: now, Round: round, Step: 99}}},
		set{"blocks of no parts", shuffled(random, blocks)},
		set{"votes that nobody has", shuffled(random, votes)},
	)
}

func dataSets(random *rand.Rand, seen *seen) []set {
	now, round := seen.now()
	var proposals, earlier, parts []proto.Message
	for _, height := range heights(now) {
		for _, total := range []uint32{1, tooManyParts, math.MaxUint32, 0} {
			id := blockOf(random)
			id.PartSetHeader.Total = total
			proposals = append(proposals, &consensus.Proposal{Proposal: types.Proposal{
				Type: types.ProposalType, Height: height, Round: round, PolRound: -1, BlockID: id, Timestamp: time.Now(), Signature: bytesOf(random, signedBytes),
			}})
		}
		for _, size := range []int64{4, tooManyVotes, math.MaxInt64, -1} {
			array := bits.BitArray{Bits: size, Elems: []uint64{math.MaxUint64}}
			earlier = append(earlier, &consensus.ProposalPOL{Height: height, ProposalPolRound: round, ProposalPol: array})
		}
		for _, index := range []uint32{0, 1, tooManyParts, math.MaxUint32} {
			proof := crypto.Proof{Total: int64(index) + 1, Index: int64(index), LeafHash: bytesOf(random, hashBytes)}
			part := types.Part{Index: index, Bytes: bytesOf(random, 1+random.Intn(65_536)), Proof: proof}
			parts = append(parts, &consensus.BlockPart{Height: height, Round: round, Part: part})
			part.Proof = crypto.Proof{Total: -1, Index: math.MaxInt64, Aunts: [][]byte{nil, {1}}}
			parts = append(parts, &consensus.BlockPart{Height: height, Round: round, Part: part})
		}
	}
	here := &consensus.Proposal{Proposal: types.Proposal{
		Type: types.ProposalType, Height: now, Round: round, PolRound: -1, BlockID: blockOf(random), Timestamp: time.Now(), Signature: bytesOf(random, signedBytes),
	}}
	return []set{
		{"proposals of nobody", shuffled(random, proposals)},
		{"a proposal of nobody where they are", []proto.Message{here}},
		{"votes of earlier rounds", shuffled(random, earlier)},
		{"parts of no block", shuffled(random, parts)},
		{"a part out of range", parts[len(parts)-2 : len(parts)-1]},
	}
}

func voteSets(random *rand.Rand, seen *seen) []set {
	now, round := seen.now()
	known := append(seen.addresses(), bytesOf(random, nameBytes))
	var strangers, forged, malformed []proto.Message
	for _, height := range heights(now) {
		for index := range int32(8) {
			forged = append(forged, &consensus.Vote{Vote: voteOf(random, height, round, index%4, known[random.Intn(len(known))])})
			strangers = append(strangers, &consensus.Vote{Vote: voteOf(random, height, round+index, math.MaxInt32-index, bytesOf(random, nameBytes))})
		}
		malformed = append(malformed, &consensus.Vote{Vote: voteOf(random, height, -1, -1, nil)}, &consensus.Vote{})
	}
	extended := voteOf(random, now, round, 0, known[0])
	extended.Extension, extended.ExtensionSignature = bytesOf(random, 4_096), bytesOf(random, signedBytes)
	return []set{
		{"of nobody", shuffled(random, strangers)},
		{"in the names of others", shuffled(random, forged)},
		{"in the name of another, where they are", []proto.Message{&consensus.Vote{Vote: voteOf(random, now, round, 0, known[0])}}},
		{"with an extension", []proto.Message{&consensus.Vote{Vote: extended}}},
		{"of no form", shuffled(random, malformed)},
	}
}

func bitsSets(random *rand.Rand, seen *seen) []set {
	now, round := seen.now()
	var all []proto.Message
	for _, height := range heights(now) {
		for _, size := range []int64{0, 3, 4, tooManyVotes, math.MaxInt64, -1} {
			for _, elements := range [][]uint64{nil, {math.MaxUint64}} {
				array := bits.BitArray{Bits: size, Elems: elements}
				all = append(all, &consensus.VoteSetBits{Height: height, Round: round, Type: types.PrevoteType, BlockID: blockOf(random), Votes: array})
			}
		}
	}
	here := &consensus.VoteSetBits{Height: now, Round: math.MaxInt32, Type: types.PrecommitType, Votes: bits.BitArray{Bits: 4, Elems: []uint64{15}}}
	return []set{{"of no votes", shuffled(random, all)}, {"of a round far away", []proto.Message{here}}}
}

func voteOf(random *rand.Rand, height int64, round, index int32, by []byte) *types.Vote {
	kind := types.PrevoteType + types.SignedMsgType(random.Intn(2))
	return &types.Vote{
		Type: kind, Height: height, Round: round, BlockID: blockOf(random), Timestamp: time.Now(),
		ValidatorAddress: by, ValidatorIndex: index, Signature: bytesOf(random, signedBytes),
	}
}

// blockOf names a block that nobody made.
func blockOf(random *rand.Rand) types.BlockID {
	header := types.PartSetHeader{Total: 1, Hash: bytesOf(random, hashBytes)}
	return types.BlockID{Hash: bytesOf(random, hashBytes), PartSetHeader: header}
}

// shuffled answers another order: what ends a connection comes first once in a while, and last.
func shuffled(random *rand.Rand, messages []proto.Message) []proto.Message {
	random.Shuffle(len(messages), func(a, b int) { messages[a], messages[b] = messages[b], messages[a] })
	return messages
}
