package main

import (
	"fmt"
	"math"
	"math/rand"
	"time"

	"github.com/cosmos/gogoproto/proto"

	"github.com/cometbft/cometbft/proto/tendermint/blocksync"
	"github.com/cometbft/cometbft/proto/tendermint/p2p"
	"github.com/cometbft/cometbft/proto/tendermint/statesync"
	"github.com/cometbft/cometbft/proto/tendermint/types"
)

func blocksSets(random *rand.Rand, seen *seen) []set {
	now, _ := seen.now()
	var requests, statuses, without, blocks []proto.Message
	for _, height := range heights(now) {
		requests = append(requests, &blocksync.BlockRequest{Height: height})
		without = append(without, &blocksync.NoBlockResponse{Height: height})
		for _, base := range heights(now) {
			statuses = append(statuses, &blocksync.StatusResponse{Height: height, Base: base})
		}
		header := types.Header{Height: height, Time: time.Now()}
		blocks = append(blocks, &blocksync.BlockResponse{Block: &types.Block{Header: header}}, &blocksync.BlockResponse{})
	}
	var same []proto.Message
	for range 100 {
		same = append(same, &blocksync.BlockRequest{Height: now - 1}, &blocksync.StatusRequest{})
	}
	return []set{
		{"requests far away", shuffled(random, requests)},
		{"the same request again and again", same},
		{"a height that nobody has", []proto.Message{&blocksync.StatusResponse{Height: far, Base: 1}}},
		{"heights of all kinds", shuffled(random, statuses)},
		{"answers that nobody asked for", shuffled(random, without)},
		{"blocks of nothing", shuffled(random, blocks)},
	}
}

func snapshotSets(random *rand.Rand, _ *seen) []set {
	var same, offers []proto.Message
	for range 20 {
		same = append(same, &statesync.SnapshotsRequest{})
	}
	for _, height := range []uint64{0, 1, math.MaxInt64, math.MaxUint64} {
		for _, chunks := range []uint32{0, 1, math.MaxUint32} {
			offers = append(offers, &statesync.SnapshotsResponse{
				Height: height, Format: math.MaxUint32, Chunks: chunks, Hash: bytesOf(random, hashBytes), Metadata: bytesOf(random, 100_000),
			})
		}
	}
	return []set{{"the same request again and again", same}, {"offers of nothing", shuffled(random, offers)}}
}

func chunkSets(random *rand.Rand, seen *seen) []set {
	now, _ := seen.now()
	var requests, chunks []proto.Message
	for _, height := range []uint64{1, uint64(now), uint64(far), math.MaxInt64, math.MaxUint64} {
		for _, number := range []uint32{0, 1, 2, math.MaxInt32, math.MaxUint32} {
			requests = append(requests, &statesync.ChunkRequest{Height: height, Format: number, Index: number})
			requests = append(requests, &statesync.ChunkRequest{Height: height, Format: 1, Index: number})
			chunks = append(chunks, &statesync.ChunkResponse{Height: height, Format: 1, Index: number, Chunk: bytesOf(random, 10_000)})
		}
	}
	none := []proto.Message{&statesync.ChunkRequest{Height: 0, Format: 1}}
	return []set{{"requests of all kinds", shuffled(random, requests)}, {"a request of no height", none}, {"chunks that nobody asked for", shuffled(random, chunks)}}
}

func pexSets(random *rand.Rand, _ *seen) []set {
	var requests []proto.Message
	for range 10 {
		requests = append(requests, &p2p.PexRequest{})
	}
	// All of this machine, whatever becomes of them.
	var many []p2p.NetAddress
	for index := range 1_000 {
		many = append(many, p2p.NetAddress{ID: fmt.Sprintf("%x", bytesOf(random, nameBytes)), IP: fmt.Sprintf("127.0.%d.%d", index/250, 1+index%250), Port: 9})
	}
	malformed := []p2p.NetAddress{{ID: "nobody", IP: "nowhere", Port: math.MaxUint32}, {}, {ID: string(filled(5_000, 'f')), IP: "::1", Port: 9}}
	return []set{
		{"requests in a row", requests},
		{"addresses that nobody asked for", []proto.Message{&p2p.PexAddrs{Addrs: many}}},
		{"addresses of no form", []proto.Message{&p2p.PexAddrs{Addrs: malformed}}},
		{"no addresses", []proto.Message{&p2p.PexAddrs{}}},
	}
}
