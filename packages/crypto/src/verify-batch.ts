/** One signature to check. */
export interface VerifyItem {
  readonly publicKey: Uint8Array
  readonly message: Uint8Array
  readonly signature: Uint8Array
}

/*
 * A batch crosses to a worker as one buffer, transferred and not copied: the number of items and each message's length
 * as 32-bit integers, then key, signature and message of each. It comes back with its first bytes as verdicts.
 */
const KEY_BYTES = 32
const HEAD_BYTES = 96

/** Whether an item can be packed; any other is refused at once. */
export function isPackable(item: VerifyItem): boolean {
  return item.publicKey.length === KEY_BYTES && item.signature.length === HEAD_BYTES - KEY_BYTES
}

/** Bytes that an item takes in a batch. */
export function packedBytes(item: VerifyItem): number {
  return 4 + HEAD_BYTES + item.message.length
}

/** Packs items that are all packable. */
export function packBatch(items: readonly VerifyItem[]): ArrayBuffer {
  let size = 4
  for (const item of items) size += packedBytes(item)
  const bytes = new Uint8Array(size)
  const lengths = new Uint32Array(bytes.buffer, 0, items.length + 1)
  lengths[0] = items.length
  let at = 4 * lengths.length
  for (let i = 0; i < items.length; i++) {
    const item = items[i] as VerifyItem
    lengths[i + 1] = item.message.length
    bytes.set(item.publicKey, at)
    bytes.set(item.signature, at + KEY_BYTES)
    bytes.set(item.message, at + HEAD_BYTES)
    at += HEAD_BYTES + item.message.length
  }
  return bytes.buffer
}

/**
 * Checks every packed item and overwrites the buffer's first bytes, one an item: 1 valid, 0 not.
 * An item's verdict lands before its own length, so nothing is overwritten before it is read.
 */
export function verifyBatch(
  buffer: ArrayBuffer,
  verify: (signature: Buffer, message: Buffer, publicKey: Buffer) => boolean,
): void {
  const count = new Uint32Array(buffer, 0, 1)[0] ?? 0
  const lengths = new Uint32Array(buffer, 4, count)
  const verdicts = new Uint8Array(buffer, 0, count)
  let at = 4 + 4 * count
  for (let i = 0; i < count; i++) {
    const length = lengths[i] ?? 0
    const publicKey = Buffer.from(buffer, at, KEY_BYTES)
    const signature = Buffer.from(buffer, at + KEY_BYTES, HEAD_BYTES - KEY_BYTES)
    const message = Buffer.from(buffer, at + HEAD_BYTES, length)
    verdicts[i] = verify(signature, message, publicKey) ? 1 : 0
    at += HEAD_BYTES + length
  }
}
