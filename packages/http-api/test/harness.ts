import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Consensus, createApplication } from '@icn/consensus'
import { createSolo } from '@icn/consensus/solo'
import { generateSeed, publicKeyFromSeed, signDomain, toBase64Url } from '@icn/crypto'
import { createVerifyPool } from '@icn/crypto/verify-pool'
import { createMonitor, type Monitor } from '@icn/monitor'
import {
  type Body,
  defaultParams,
  didFromPublicKey,
  type Genesis,
  publicKeyToText,
  SIGN_IN_DOMAIN,
  signTransaction,
} from '@icn/protocol'
import { createMachine, type Machine } from '@icn/state-machine'
import { openReader, openSqliteStore } from '@icn/state-store'
import { pino } from 'pino'
import { createHttpApi, type HttpConfig } from '../src/index.ts'

export const CHAIN = 'icn-test'

export interface Reply {
  readonly status: number
  readonly type: string
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: answers are looked into, whatever they are
  readonly json: any
}

/** A person with a key, who counts their own transactions. */
export interface Person {
  readonly seed: Uint8Array
  readonly did: string
  readonly keyId: string
  sequence: number
}

/** The interface over a real store and a real engine, on a free port. */
export interface TestApi {
  readonly url: string
  get(path: string, headers?: Record<string, string>): Promise<Reply>
  post(path: string, body: string, type?: string): Promise<Reply>
  submit(bytes: Uint8Array): Promise<Reply>
  /** Signs and submits the person's next transaction, which must be committed; answers its result. */
  act(person: Person, body: Body): Promise<Record<string, string>>
  /** Headers of a session. */
  signIn(person: Person): Promise<Record<string, string>>
  readonly monitor: Monitor
  /** The root of the state. */
  root(): Promise<string>
  close(): Promise<void>
}

/**
 * @param engineOf - what stands between the interface and the engine, which makes blocks with that seed
 * @param machineOf - what stands between the engine and the rules
 */
export async function startApi(
  strangerAllowance = defaultParams.strangerAllowance,
  change: Partial<HttpConfig> = {},
  engineOf: (solo: Consensus, validatorSeed: Uint8Array) => Consensus = (solo) => solo,
  federation: Genesis['federation'] = undefined,
  machineOf: (machine: Machine) => Machine = (machine) => machine,
): Promise<TestApi> {
  const folder = mkdtempSync(join(tmpdir(), 'icn-http-'))
  const validatorSeed = generateSeed()
  const validators = [{ name: 'test', publicKey: publicKeyToText(publicKeyFromSeed(validatorSeed)), power: 1 }]
  const params = { ...defaultParams, strangerAllowance }
  const start = { chainId: CHAIN, name: 'Test', timeMs: 1_000, validators, params }
  const genesis: Genesis = federation === undefined ? start : { ...start, federation }
  const machine = machineOf(createMachine({ genesis }))
  const file = join(folder, 'state.db')
  const store = openSqliteStore({ file, modules: machine.modules })
  const reader = openReader(file)
  const verifyPool = createVerifyPool()
  const application = createApplication({ machine, store, verifyPool })
  const consensus = engineOf(
    createSolo({ application, genesis, validatorSeed, committed: store.committed() }),
    validatorSeed,
  )
  const limits = { bodyLimitBytes: 200_000, requestsPerSecond: 100_000, connections: 100 }
  const config = { host: '127.0.0.1', port: 0, machine: 'loopback', ...limits, ...change } as const
  const logger = pino({ level: 'silent' })
  const monitor = await createMonitor({ consensus, reader, home: folder, version: '0.1.0', idleMs: 600_000, logger })
  const api = await createHttpApi({ consensus, store, reader, machine, genesis, monitor, config, logger })
  const url = api.address

  const get = async (path: string, headers: Record<string, string> = {}) =>
    replyOf(await fetch(url + path, { headers }))
  const post = async (path: string, body: string, type = 'application/json') =>
    replyOf(await fetch(url + path, { method: 'POST', body, headers: { 'content-type': type } }))
  const submit = async (bytes: Uint8Array) =>
    replyOf(await fetch(`${url}/v1/transactions`, { method: 'POST', body: new Uint8Array(bytes) }))

  async function act(person: Person, body: Body): Promise<Record<string, string>> {
    const { did: signer, keyId, sequence, seed } = person
    const reply = await submit(
      signTransaction({ chainId: CHAIN, signer, keyId, sequence, expiryHeight: 1_000, body }, seed),
    )
    assert.equal(reply.status, 200, JSON.stringify(reply.json))
    person.sequence++
    return reply.json.result
  }

  async function signIn({ did, keyId, seed }: Person): Promise<Record<string, string>> {
    const { challenge } = (await post('/v1/sessions/challenge', JSON.stringify({ did }))).json
    const signature = toBase64Url(signDomain(SIGN_IN_DOMAIN, new TextEncoder().encode(challenge), seed))
    const session = await post('/v1/sessions', JSON.stringify({ did, keyId, challenge, signature }))
    assert.equal(session.status, 200, JSON.stringify(session.json))
    return { authorization: `Bearer ${session.json.token}` }
  }

  async function close(): Promise<void> {
    await api.close()
    await monitor.close()
    await consensus.close()
    await verifyPool.close()
    reader.close()
    store.close()
    rmSync(folder, { recursive: true })
  }

  return {
    url,
    monitor,
    get,
    post,
    submit,
    act,
    signIn,
    root: async () => (await get('/v1/network')).json.appHash,
    close,
  }
}

export function newPerson(): Person {
  const seed = generateSeed()
  const publicKey = publicKeyFromSeed(seed)
  return { seed, did: didFromPublicKey(publicKey), keyId: publicKeyToText(publicKey), sequence: 0 }
}

export async function replyOf(response: Response): Promise<Reply> {
  const text = await response.text()
  const type = response.headers.get('content-type') ?? ''
  return { status: response.status, type, headers: response.headers, json: text === '' ? undefined : JSON.parse(text) }
}

/** A yes-no proposal that is voted on at once. */
export function plainProposal(org: string, title = 'Open on Sundays'): Body {
  const settings = { options: [], actions: [], seats: 1, maxScore: 0, budgetMinor: 0, amends: null }
  const words = { type: 'standard', method: 'yes-no', title, text: '', discussionMs: null, votingMs: null } as const
  return { kind: 'proposal.new', org, ...words, ...settings }
}
