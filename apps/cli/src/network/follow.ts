import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { followLane, type LaneBlock, type LanePosition } from '@icn/sdk'
import { CliError } from '../cli-error.ts'
import type { Session } from '../session.ts'

export interface FollowSettings {
  readonly lane: number
  /** From this height on, wherever it was; left out: where it was, or from the next block on. */
  readonly since: number | undefined
  readonly genesisHash: string | undefined
  /** With what the members of this organization read, by name or DID. */
  readonly org: string | undefined
  readonly signal: AbortSignal
}

const SAVE_MS = 1_000

/**
 * Says what happens in a lane, each event proved, until `signal`, and keeps where it is in the wallet folder: after a crash the
 * events of the last second may come again, none is left out.
 *
 * @throws LaneNotProved for a node that lies
 */
export async function follow(session: Session, settings: FollowSettings): Promise<void> {
  const { lane, since, genesisHash, org, signal } = settings
  const { out, home } = session
  const client = org === undefined ? session.client : await (await session.actorIn(await session.findOrg(org))).signIn()
  const { network, genesisHash: told } = await client.call('network', {})
  const file = join(home, 'followed', `${network.replaceAll(/[^a-z0-9-]/g, '')}-${lane}.json`)
  const known = since === undefined ? readPosition(file, lane) : undefined
  if (known === undefined && genesisHash === undefined)
    out.progress(
      `The genesis of ${network} has the hash ${told}; compare it with somebody you trust, or name it with --genesis-hash.`,
    )
  let latest: LanePosition | undefined
  let savedMs = performance.now()
  const save = () => {
    if (latest !== undefined) writePosition(file, latest)
    savedMs = performance.now()
  }
  try {
    for await (const block of followLane({
      client,
      lane,
      signal,
      ...(genesisHash === undefined ? {} : { genesisHash }),
      ...(known === undefined ? {} : { position: known }),
      ...(since === undefined ? {} : { since }),
    })) {
      say(session, lane, block)
      latest = block.position
      if (performance.now() - savedMs > SAVE_MS) save()
    }
  } finally {
    save()
  }
}

function say({ out }: Session, lane: number, { height, timeMs, events, hidden }: LaneBlock): void {
  const time = new Date(timeMs).toISOString()
  for (const { topic, subject, data, ...rest } of events) {
    const line = `${time} ${height} ${topic} ${subject} ${JSON.stringify(data)}`
    out.answer({ lane, height, time, topic, subject, data, ...rest }, line)
  }
  if (hidden > 0) out.answer({ lane, height, time, hidden }, `${time} ${height} ${hidden} for members only`)
}

function readPosition(file: string, lane: number): LanePosition | undefined {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  try {
    const position = JSON.parse(text) as LanePosition
    const { log, height, trusted, genesisHash } = position
    const isLog = Number.isSafeInteger(log.size) && typeof log.peaks === 'string'
    const isText = (trusted === null || typeof trusted === 'string') && typeof genesisHash === 'string'
    if (isLog && isText && position.lane === lane && Number.isSafeInteger(height)) return position
  } catch {
    // Told below: it does not matter how the file is broken.
  }
  const hint = 'Remove it, and begin again with --since HEIGHT.'
  throw new CliError('BAD_POSITION', `${file} does not say where lane ${lane} was followed to.`, hint)
}

function writePosition(file: string, position: LanePosition): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  writeFileSync(`${file}.new`, `${JSON.stringify(position)}\n`, { mode: 0o600 })
  renameSync(`${file}.new`, file)
}
