import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { promisify } from 'node:util'
import { domainMessage, publicKeyFromSeed, sign, verifyStrict } from '@icn/crypto'
import { benchKey } from './keys.ts'

/** Signatures that libsodium verifies on one core with nothing else to do: messages of a vote's size, 2 s. */
export function sodiumPerSecond(): number {
  const { seed, did } = benchKey(1)
  const message = domainMessage('icn:tx:1', new TextEncoder().encode(did.repeat(4).slice(0, 230)))
  const signature = sign(message, seed)
  const publicKey = publicKeyFromSeed(seed)
  let verified = 0
  const startMs = performance.now()
  while (performance.now() - startMs < 2_000) {
    for (let i = 0; i < 100; i++) if (verifyStrict(publicKey, message, signature)) verified++
  }
  return verified / ((performance.now() - startMs) / 1000)
}

/** Rows written by SQLite alone, in synced transactions of 500: what a database without signatures or proofs does. */
export function upsertsPerSecond(): number {
  const folder = mkdtempSync(join(tmpdir(), 'icn-upserts-'))
  const database = new DatabaseSync(join(folder, 'votes.db'))
  try {
    database.exec(
      'PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE vote (proposal TEXT, voter TEXT, ballot TEXT, PRIMARY KEY (proposal, voter)) WITHOUT ROWID',
    )
    const put = database.prepare('INSERT INTO vote VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET ballot = excluded.ballot')
    const voters = Array.from({ length: 20_000 }, (_, index) => `did:key:z6Mk${String(index).padStart(44, '1')}`)
    const startMs = performance.now()
    for (let first = 0; first < voters.length; first += 500) {
      database.exec('BEGIN')
      for (const voter of voters.slice(first, first + 500)) put.run('p1-0-aaaaaa', voter, 'yes')
      database.exec('COMMIT')
    }
    return voters.length / ((performance.now() - startMs) / 1000)
  } finally {
    database.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** OpenZeppelin Governor's castVote on Hardhat's node; `undefined` where its own dependencies are not installed. */
export async function castVotePerSecond(): Promise<number | undefined> {
  const folder = new URL('../references/hardhat/', import.meta.url).pathname
  if (!existsSync(join(folder, 'node_modules'))) return undefined
  const { stdout } = await promisify(execFile)(process.execPath, ['castvote.js', '1000'], { cwd: folder })
  return (JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as { perSecond?: number }).perSecond
}
