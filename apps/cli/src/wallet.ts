import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ActorKey, deriveOrgKey, type KeyRecord, mnemonicToSeed } from '@icn/sdk'
import { loadKey } from '@icn/sdk/key-files'
import { askPassphrase } from './passphrase.ts'

/** Which label each organization's key of a person was derived with: `{ ana: { "did:icn:…": "founded 0" } }`. */
type Labels = Record<string, Record<string, string>>

const FILE = 'organizations.json'

export function openKey(home: string, name: string): Promise<KeyRecord> {
  return loadKey(home, name, () => askPassphrase(`Passphrase of ${name}`))
}

/**
 * The key of a person in one organization, so that nobody can tell that two members of two cooperatives are the same.
 * A key without words, such as an imported one, is the same everywhere.
 */
export async function keyIn(home: string, record: KeyRecord, org: string): Promise<ActorKey> {
  return derived(record, readLabels(home)[record.name]?.[org] ?? org)
}

/** The key with which to found the next organization, whose id nobody knows yet; to be remembered afterwards. */
export async function keyToFound(
  home: string,
  record: KeyRecord,
): Promise<{ readonly key: ActorKey; readonly label: string }> {
  const labels = Object.values(readLabels(home)[record.name] ?? {})
  const label = `founded ${labels.filter((known) => known.startsWith('founded ')).length}`
  return { key: await derived(record, label), label }
}

export function rememberLabel(home: string, name: string, org: string, label: string): void {
  const labels = readLabels(home)
  labels[name] = { ...labels[name], [org]: label }
  mkdirSync(home, { recursive: true, mode: 0o700 })
  const file = join(home, FILE)
  writeFileSync(`${file}.new`, `${JSON.stringify(labels, null, 2)}\n`, { mode: 0o600 })
  renameSync(`${file}.new`, file)
}

async function derived(record: KeyRecord, label: string): Promise<ActorKey> {
  if (record.mnemonic === undefined) return record
  return deriveOrgKey(await mnemonicToSeed(record.mnemonic), label)
}

function readLabels(home: string): Labels {
  try {
    return JSON.parse(readFileSync(join(home, FILE), 'utf8')) as Labels
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {}
    throw error
  }
}
