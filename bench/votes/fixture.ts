/**
 * A data folder with one cooperative of many members: `node bench/votes/fixture.ts FOLDER MEMBERS VOTERS`.
 * Rows are written through the store, block by block, since a million signed applications would take an hour.
 * The first VOTERS members have keys; an idle block of the node then stands on a real root.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { appendLog, emptyLog, encodeCanonical, generateSeed, logLeaf, publicKeyFromSeed, toHex } from '@icn/crypto'
import {
  defaultParams,
  encodeHeader,
  type Genesis,
  genesisHash,
  headerHash,
  organizationDid,
  publicKeyToText,
  resultsHash,
  signHeader,
  transactionsRoot,
} from '@icn/protocol'
import { createMachine } from '@icn/state-machine'
import { signers } from '@icn/state-machine/identity'
import { createOverlay, NOTHING_REPORTED, type Overlay } from '@icn/state-machine/kernel'
import { defaultCharter, members, organizations, rolls } from '@icn/state-machine/membership'
import { openSqliteStore } from '@icn/state-store'
import { benchKey, silentDid } from './keys.ts'

const CHAIN_ID = 'icn-bench'
export const ORG = organizationDid(CHAIN_ID, 'o1-0-aaaaaa')
const MEMBERS_PER_BLOCK = 50_000

const [folder, memberCount, voterCount] = process.argv.slice(2)
if (import.meta.main && folder !== undefined) await build(folder, Number(memberCount), Number(voterCount))

async function build(home: string, count: number, voters: number): Promise<void> {
  mkdirSync(home, { recursive: true })
  const seed = generateSeed()
  const publicKey = publicKeyToText(publicKeyFromSeed(seed))
  const timeMs = Date.now()
  const params = { ...defaultParams, memberAllowance: { burst: 1_000_000, perHour: 1_000_000 } }
  const genesis: Genesis = {
    chainId: CHAIN_ID,
    name: 'Bench',
    timeMs,
    validators: [{ name: 'bench', publicKey, power: 1 }],
    params,
  }
  writeFileSync(join(home, 'genesis.json'), JSON.stringify(genesis))
  writeFileSync(join(home, 'validator-key.json'), JSON.stringify({ publicKey, seed: toHex(seed) }), { mode: 0o600 })

  const store = openSqliteStore({ file: join(home, 'state.db'), modules: createMachine({ genesis }).modules })
  let log = emptyLog()
  for (let first = 0; first < count; first += MEMBERS_PER_BLOCK) {
    const overlay = createOverlay(store)
    if (first === 0) found(overlay, timeMs)
    const end = Math.min(count, first + MEMBERS_PER_BLOCK)
    for (let index = first; index < end; index++) {
      const did = index < voters ? benchKey(index).did : silentDid(index)
      enrol(overlay, did, index, timeMs)
      log = appendLog(log, logLeaf(encodeCanonical([index, did, 'in'])))
    }
    overlay.open(rolls).put({ org: ORG, version: end, log, heads: end, members: end, stewards: 1 })
    await commit(overlay)
  }
  await store.close()

  async function commit(overlay: Overlay): Promise<void> {
    const { height, blockHash } = store.committed()
    const staged = store.stage(overlay.changes())
    const header = encodeHeader({
      chainId: CHAIN_ID,
      height: height + 1,
      timeMs,
      previousHash: height === 0 ? genesisHash(genesis) : blockHash,
      appHash: staged.appHash,
      transactionsRoot: transactionsRoot([]),
      resultsHash: resultsHash([]),
      moduleRoots: staged.moduleRoots,
      proposer: publicKey,
    })
    const signed = { hash: headerHash(header), header: signHeader(header, [seed]) }
    await store.commit({
      height: height + 1,
      timeMs,
      ...signed,
      appHash: staged.appHash,
      report: NOTHING_REPORTED,
      transactions: [],
      events: [],
    })
  }
}

function found(overlay: Overlay, timeMs: number): void {
  const { did: founder } = benchKey(0)
  const facts = { name: 'Bench', kind: 'cooperative', charter: defaultCharter, charterVersion: 1, founder }
  overlay.open(organizations).put({ did: ORG, ...facts, founderRules: true, foundedHeight: 1, foundedTimeMs: timeMs })
}

/** A member joined with a signed transaction, so the next one has the sequence 1. */
function enrol(overlay: Overlay, did: string, index: number, timeMs: number): void {
  const roles = index === 0 ? ['member', 'steward'] : ['member']
  const times = { joinedTimeMs: timeMs, voiceTimeMs: timeMs, endedTimeMs: null }
  overlay
    .open(members)
    .put({ org: ORG, did, name: `m${index}`, status: 'active', roles, voice: [[index, null]], ...times })
  overlay.open(signers).put({ did, sequence: 1, allowanceMicro: 0, allowanceTimeMs: 0, memberships: 1 })
}
