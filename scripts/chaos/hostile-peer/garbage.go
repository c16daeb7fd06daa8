package main

import "math/rand"

const (
	// Of each kind of garbage.
	pieces = 8
	// Room for a bit in a byte.
	byteBits = 8
)

// What every channel gets: bytes of no sense, and bytes that begin to make sense.
func garbageAttacks(on channel) []attack {
	attackOf := func(name string, messages func(random *rand.Rand, seen *seen) [][]byte) attack {
		return attack{name: on.name + ": " + name, channel: on.id, messages: messages}
	}
	honest := func(random *rand.Rand, seen *seen) [][]byte {
		copies := seen.copiesOf(on.id)
		for _, set := range on.sets(random, seen) {
			copies = append(copies, encodeAll(set.messages)...)
		}
		return copies
	}
	some := func(random *rand.Rand, from [][]byte, change func([]byte) []byte) [][]byte {
		var all [][]byte
		for range pieces {
			if len(from) > 0 {
				all = append(all, change(from[random.Intn(len(from))]))
			}
		}
		return all
	}
	return []attack{
		attackOf("random bytes", func(random *rand.Rand, _ *seen) [][]byte {
			return some(random, [][]byte{nil}, func([]byte) []byte { return bytesOf(random, 1+random.Intn(64_000)) })
		}),
		attackOf("nothing", func(*rand.Rand, *seen) [][]byte { return [][]byte{{}} }),
		attackOf("cut off", func(random *rand.Rand, seen *seen) [][]byte {
			return some(random, honest(random, seen), func(whole []byte) []byte { return whole[:random.Intn(len(whole)+1)] })
		}),
		attackOf("some bits turned", func(random *rand.Rand, seen *seen) [][]byte {
			return some(random, honest(random, seen), func(whole []byte) []byte { return turned(random, whole) })
		}),
		attackOf("altered copies", func(random *rand.Rand, seen *seen) [][]byte {
			return some(random, seen.copiesOf(on.id), func(whole []byte) []byte { return turned(random, whole) })
		}),
		attackOf("copies as they came", func(random *rand.Rand, seen *seen) [][]byte { return seen.copiesOf(on.id) }),
		attackOf("messages of other channels", func(random *rand.Rand, seen *seen) [][]byte {
			other := channels[random.Intn(len(channels))]
			return append(seen.copiesOf(other.id), encodeAll(other.sets(random, seen)[0].messages)...)
		}),
		attackOf("too long", func(random *rand.Rand, _ *seen) [][]byte { return [][]byte{filled(tooManyBytes, 0x0a)} }),
	}
}

// turned answers a copy of which up to three bits are another.
func turned(random *rand.Rand, whole []byte) []byte {
	copied := append([]byte(nil), whole...)
	if len(copied) == 0 {
		return copied
	}
	for range 1 + random.Intn(3) {
		copied[random.Intn(len(copied))] ^= 1 << random.Intn(byteBits)
	}
	return copied
}

func bytesOf(random *rand.Rand, length int) []byte {
	bytes := make([]byte, length)
	random.Read(bytes)
	return bytes
}

func filled(length int, with byte) []byte {
	bytes := make([]byte, length)
	for index := range bytes {
		bytes[index] = with
	}
	return bytes
}

func repeat(times int, message []byte) [][]byte {
	all := make([][]byte, times)
	for index := range all {
		all[index] = message
	}
	return all
}
