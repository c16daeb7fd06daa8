import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ActorKey, type Client, deriveOrgKey, type KeyRecord, mnemonicToSeed } from '@icn/sdk'
import { loadKey } from '@icn/sdk/key-files'
import { CliError } from './cli-error.ts'
import { allOf } from './pages.ts'
import { askPassphrase } from './passphrase.ts'

/** Which label each organization's key of a person was derived with: `{ ana: { "did:icn:…": "founded 0" } }`. */
type Labels = Record<string, Record<string, string>>

const FILE = 'organizations.json'
/** Foundings looked through for a person whose wallet was made again from its words. */
const MOST_FOUNDED = 200

export function openKey(home: string, name: string): Promise<KeyRecord> {
  return loadKey(home, name, () => askPassphrase(`Passphrase of ${name}`))
}

/** Organizations that the wallet knows somebody in. */
export function knownOrganizations(home: string, name: string): string[] {
  return Object.keys(labelsOf(home, name))
}

/**
 * The key of a person in one organization, so that nobody can tell that two members of two cooperatives are the same.
 * A key without words, such as an imported one, is the same everywhere. An organization that the wallet does not know was
 * joined or founded before it was made again from its words: who founded it says which.
 */
export async function keyIn(home: string, record: KeyRecord, org: string, client: Client): Promise<ActorKey> {
  if (record.mnemonic === undefined) return record
  const known = labelsOf(home, record.name)[org]
  const seed = await mnemonicToSeed(record.mnemonic)
  if (known !== undefined) return deriveOrgKey(seed, known)
  const founder = (await allOf(client, 'organizations', {})).find(({ did }) => did === org)?.founder
  for (let index = 0; founder !== undefined && index < MOST_FOUNDED; index++) {
    const key = deriveOrgKey(seed, labelToFound(index))
    if (key.did !== founder) continue
    rememberLabel(home, record.name, org, labelToFound(index))
    return key
  }
  if (founder !== undefined) rememberLabel(home, record.name, org, org)
  return deriveOrgKey(seed, org)
}

/**
 * The key with which to found the next organization, whose id nobody knows yet; to be remembered afterwards. One that has
 * signed anything is passed over: the same DID in two organizations would show that they share a member.
 */
export async function keyToFound(
  home: string,
  record: KeyRecord,
  client: Client,
): Promise<{ readonly key: ActorKey; readonly label: string }> {
  if (record.mnemonic === undefined) return { key: record, label: '' }
  const seed = await mnemonicToSeed(record.mnemonic)
  const used = new Set(Object.values(labelsOf(home, record.name)))
  for (let index = 0; ; index++) {
    const label = labelToFound(index)
    if (used.has(label)) continue
    const key = deriveOrgKey(seed, label)
    const { sequence, memberships } = await client.call('signer', { params: { did: key.did } })
    // A genesis makes somebody a member who has signed nothing.
    if (sequence === 0 && memberships === 0) return { key, label }
  }
}

/**
 * The key with which a person would found the next organization, as far as this wallet knows: the one to name in a genesis
 * as who founds the federation, before there is a network to ask.
 */
export async function keyToFoundOffline(home: string, record: KeyRecord): Promise<ActorKey> {
  if (record.mnemonic === undefined) return record
  const used = new Set(Object.values(labelsOf(home, record.name)))
  let index = 0
  while (used.has(labelToFound(index))) index++
  return deriveOrgKey(await mnemonicToSeed(record.mnemonic), labelToFound(index))
}

function labelToFound(index: number): string {
  return `founded ${index}`
}

export function rememberLabel(home: string, name: string, org: string, label: string): void {
  const labels = readLabels(home)
  labels[name] = { ...labelsOf(home, name), [org]: label }
  mkdirSync(home, { recursive: true, mode: 0o700 })
  const file = join(home, FILE)
  writeFileSync(`${file}.new`, `${JSON.stringify(labels, null, 2)}\n`, { mode: 0o600 })
  renameSync(`${file}.new`, file)
}

function labelsOf(home: string, name: string): Record<string, string> {
  const labels = readLabels(home)
  return Object.hasOwn(labels, name) ? (labels[name] ?? {}) : {}
}

function readLabels(home: string): Labels {
  const file = join(home, FILE)
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Labels
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {}
    if (!(error instanceof SyntaxError)) throw error
    const hint = 'Move it away: it is made again as you act, from your words and from what the network knows.'
    throw new CliError('BAD_WALLET', `${file} is damaged.`, hint)
  }
}
