/** A process that never closes its pool, `used` or `unused`; run by verify-pool.test.ts. */
import { publicKeyFromSeed, sign } from '@icn/crypto'
import { createVerifyPool } from '@icn/crypto/verify-pool'

const secret = new Uint8Array(32).fill(3)
const message = new Uint8Array([1, 2, 3])
const item = { publicKey: publicKeyFromSeed(secret), message, signature: sign(message, secret) }
const pool = createVerifyPool({ threads: 2 })
if (process.argv[2] === 'unused') console.log('nothing asked')
else {
  const verdicts = await pool.verify(new Array(600).fill(item))
  console.log(`${verdicts.filter(Boolean).length} valid`)
}
