package main

import (
	"math"
	"math/rand"

	"github.com/cosmos/gogoproto/proto"

	"github.com/cometbft/cometbft/p2p"
	protop2p "github.com/cometbft/cometbft/proto/tendermint/p2p"
)

// One way to be no good peer.
type attack struct {
	name    string
	channel byte
	// The messages are bytes of the encrypted connection, and no messages of a channel.
	isRaw    bool
	messages func(random *rand.Rand, seen *seen) [][]byte
}

// A name, and protobuf messages that make sense as such.
type set struct {
	name     string
	messages []proto.Message
}

// A channel between peers, and what is sent on it.
type channel struct {
	name string
	id   byte
	sets func(random *rand.Rand, seen *seen) []set
}

const (
	pexChannel      = 0x00
	stateChannel    = 0x20
	dataChannel     = 0x21
	voteChannel     = 0x22
	bitsChannel     = 0x23
	poolChannel     = 0x30
	evidenceChannel = 0x38
	blocksChannel   = 0x40
	snapshotChannel = 0x60
	chunkChannel    = 0x61
)

var channels = []channel{
	{"pex", pexChannel, pexSets},
	{"state", stateChannel, stateSets},
	{"data", dataChannel, dataSets},
	{"votes", voteChannel, voteSets},
	{"bits", bitsChannel, bitsSets},
	{"pool", poolChannel, poolSets},
	{"evidence", evidenceChannel, evidenceSets},
	{"blocks", blocksChannel, blocksSets},
	{"snapshots", snapshotChannel, snapshotSets},
	{"chunks", chunkChannel, chunkSets},
}

var everyChannel = func() []byte {
	var ids []byte
	for _, each := range channels {
		ids = append(ids, each.id)
	}
	return ids
}()

// What a channel takes in one message is a megabyte, and more in some; longer ones are thrown out before their end.
const tooManyBytes = 1_200_000

func attacksOf(job task) []attack {
	attacks := packetAttacks()
	for _, each := range channels {
		attacks = append(attacks, garbageAttacks(each)...)
		for index, set := range each.sets(rand.New(rand.NewSource(0)), &seen{}) {
			messages := func(random *rand.Rand, seen *seen) [][]byte {
				return encodeAll(each.sets(random, seen)[index].messages)
			}
			attacks = append(attacks, attack{name: each.name + ": " + set.name, channel: each.id, messages: messages})
		}
	}
	for _, each := range job.Groups {
		messages := func(*rand.Rand, *seen) [][]byte { return poolMessages(each.Entries) }
		attacks = append(attacks, attack{name: "pool: " + each.Name, channel: poolChannel, messages: messages})
	}
	return attacks
}

// What is no message of a channel at all.
func packetAttacks() []attack {
	raw := func(name string, messages func(random *rand.Rand) [][]byte) attack {
		return attack{name: "packets: " + name, isRaw: true, messages: func(random *rand.Rand, _ *seen) [][]byte {
			return messages(random)
		}}
	}
	on := func(channel int32) []byte {
		return packetOf(protop2p.PacketMsg{ChannelID: channel, EOF: true, Data: []byte{1}})
	}
	return []attack{
		raw("random bytes", func(random *rand.Rand) [][]byte { return [][]byte{bytesOf(random, 1+random.Intn(4096))} }),
		raw("a length without end", func(*rand.Rand) [][]byte { return [][]byte{filled(16, 0xff)} }),
		raw("an unknown channel", func(*rand.Rand) [][]byte { return [][]byte{on(0x7f)} }),
		raw("a channel below zero", func(*rand.Rand) [][]byte { return [][]byte{on(math.MinInt32)} }),
		raw("a channel past a byte", func(*rand.Rand) [][]byte { return [][]byte{on(0x120)} }),
		raw("nothing in it", func(*rand.Rand) [][]byte { return [][]byte{{0}} }),
		raw("too long", func(random *rand.Rand) [][]byte {
			return [][]byte{packetOf(protop2p.PacketMsg{ChannelID: voteChannel, EOF: true, Data: bytesOf(random, 8192)})}
		}),
		raw("pings", func(*rand.Rand) [][]byte { return repeat(200, ping) }),
		raw("empty messages without end", func(*rand.Rand) [][]byte {
			return repeat(200, packetOf(protop2p.PacketMsg{ChannelID: stateChannel}))
		}),
	}
}

func encodeAll(messages []proto.Message) [][]byte {
	var all [][]byte
	for _, message := range messages {
		if wrapper, ok := message.(p2p.Wrapper); ok {
			message = wrapper.Wrap()
		}
		bytes, err := proto.Marshal(message)
		if err != nil {
			panic(err)
		}
		all = append(all, bytes)
	}
	return all
}
