import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createFrameReader, frame, MalformedFrame } from '../src/cometbft/frames.ts'

const messages = fc.array(fc.uint8Array({ maxLength: 400 }), { maxLength: 20 })

/** Cuts a stream at these places, wherever they fall. */
function cut(stream: Uint8Array, places: readonly number[]): Uint8Array[] {
  const ends = [...places.map((place) => place % (stream.length + 1)), stream.length].sort((a, b) => a - b)
  return ends.map((end, index) => stream.subarray(ends[index - 1] ?? 0, end))
}

test('whatever way a stream is cut, the same messages come out of it', () => {
  fc.assert(
    fc.property(messages, fc.array(fc.nat(), { maxLength: 12 }), (list, places) => {
      const { read } = createFrameReader()
      const out = cut(Buffer.concat(list.map(frame)), places).flatMap(read)
      assert.deepEqual(
        out.map((bytes) => Buffer.from(bytes)),
        list.map((bytes) => Buffer.from(bytes)),
      )
    }),
  )
})

test('a message over several chunks is put together, also one of 130 and of 100,000 bytes', () => {
  for (const length of [0, 1, 127, 128, 130, 16_384, 100_000]) {
    const message = Uint8Array.from({ length }, (_, index) => index % 251)
    const { read } = createFrameReader()
    const out = cut(
      frame(message),
      Array.from({ length: 30 }, (_, index) => index * 997),
    ).flatMap(read)
    assert.deepEqual(out.map(Buffer.from), [Buffer.from(message)], `${length} bytes`)
  }
})

test('bytes of any kind are frames or MalformedFrame, nothing else', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 64 }), { maxLength: 8 }), (chunks) => {
      const { read } = createFrameReader(1_000)
      let taken = 0
      try {
        for (const chunk of chunks) for (const message of read(chunk)) taken += message.length
      } catch (error) {
        assert.ok(error instanceof MalformedFrame)
      }
      assert.ok(taken <= chunks.reduce((sum, { length }) => sum + length, 0))
    }),
  )
})

test('a length over the bound is refused before anything follows it, and one that does not end', () => {
  const { read } = createFrameReader()
  assert.deepEqual(read(Uint8Array.of(0x80, 0x80, 0x80, 0x10)), [], '33,554,432 is the bound')
  for (const bytes of [
    [0x81, 0x80, 0x80, 0x10],
    [0xff, 0xff, 0xff, 0xff, 0x7f],
    [0x80, 0x80, 0x80, 0x80, 0x80],
  ]) {
    assert.throws(() => createFrameReader().read(Uint8Array.from(bytes)), MalformedFrame, String(bytes))
  }
})
