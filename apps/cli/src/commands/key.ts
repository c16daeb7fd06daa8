import { fromHex, toHex } from '@icn/crypto'
import { parseDid } from '@icn/protocol'
import {
  createMnemonic,
  deriveBaseKey,
  type KeyRecord,
  keyFromSeed,
  keyRecord,
  mnemonicToSeed,
  parseMnemonic,
} from '@icn/sdk'
import { keyExists, listKeys, saveKey, showKey } from '@icn/sdk/key-files'
import type { Command } from 'commander'
import { CliError, usage } from '../cli-error.ts'
import { readText } from '../files.ts'
import { askNewPassphrase } from '../passphrase.ts'
import { openSession, type Session } from '../session.ts'
import { keyToFoundOffline, openKey } from '../wallet.ts'

const PLAIN = ['--no-passphrase', 'keep the key unencrypted, readable by its owner only'] as const

export function keyCommands(program: Command): void {
  const key = program.command('key').description('keys: they never leave this computer')
  key
    .command('new')
    .argument('[name]', 'what to call it; or --as NAME')
    .option(...PLAIN)
    .description('make a key from 24 new words')
    .action((name: string | undefined, options: Options, command: Command) =>
      create(name, options, command, createMnemonic()),
    )
  key
    .command('recover')
    .argument('[name]', 'what to call it; or --as NAME')
    .requiredOption('--words <file>', 'file that holds the 24 words')
    .option(...PLAIN)
    .description('make a key again from its 24 words')
    .action((name: string | undefined, options: Options & { words: string }, command: Command) =>
      create(name, options, command, parseMnemonic(readText(options.words))),
    )
  key
    .command('list')
    .description('keys of this wallet')
    .action(async (_: unknown, command: Command) => {
      const session = openSession(command)
      const names = await listKeys(session.home)
      const keys = await Promise.all(names.map((name) => showKey(session.home, name)))
      session.out.answer(
        { items: keys },
        keys.length === 0 ? 'No keys yet: icn key new --as NAME' : keys.map(({ name, did }) => `${name}\t${did}`),
      )
    })
  key
    .command('show')
    .argument('[name]', 'which; or --as NAME')
    .option('--founding', 'the DID with which it would found its next organization: for the federation of a genesis')
    .description('what may be shown of a key')
    .action(async (name: string | undefined, { founding }: { founding?: boolean }, command: Command) => {
      const session = openSession(command)
      if (founding === true) {
        const { did } = await keyToFoundOffline(session.home, await openKey(session.home, name ?? session.name()))
        session.out.answer({ did }, did)
        return
      }
      const shown = await showKey(session.home, name ?? session.name())
      session.out.answer(shown, [
        `name       ${shown.name}`,
        `did        ${shown.did}`,
        `key        ${shown.keyId}`,
        `encrypted  ${shown.encrypted ? 'yes' : 'no'}`,
      ])
    })
  key
    .command('export')
    .argument('[name]', 'which; or --as NAME')
    .description('print the words, or the secret, of a key; keep them where nobody else looks')
    .action(async (given: string | undefined, _: unknown, command: Command) => {
      const session = openSession(command)
      const { name, did, keyId, mnemonic, seed } = await openKey(session.home, given ?? session.name())
      session.out.answer(
        { name, did, keyId, ...(mnemonic === undefined ? { secret: toHex(seed) } : { words: mnemonic }) },
        mnemonic ?? toHex(seed),
      )
    })
  key
    .command('import')
    .argument('[name]', 'what to call it; or --as NAME')
    .requiredOption('--secret <file>', 'file that holds the secret, 64 hexadecimal digits')
    .option('--did <did>', 'the did:icn that it signs for; without it the key is a did:key')
    .option('--key-id <id>', 'the id of the key in that DID', 'k1')
    .option(...PLAIN)
    .description('keep a key that was made elsewhere')
    .action(async (name: string | undefined, options: ImportOptions, command: Command) => {
      const session = openSession(command)
      const text = readText(options.secret).trim().toLowerCase()
      if (!/^[0-9a-f]{64}$/.test(text))
        throw new CliError('BAD_SECRET', `${options.secret} holds no secret.`, 'A secret is 64 hexadecimal digits.')
      const record = withDid(keyRecord(name ?? session.name(), keyFromSeed(fromHex(text))), options)
      await save(session, record, options)
      session.out.answer({ name: record.name, did: record.did }, `${record.name} is kept: ${record.did}`)
    })
}

interface ImportOptions extends Options {
  readonly secret: string
  readonly did?: string
  readonly keyId: string
}

/** The key of a registered DID, whose id does not follow from the key. */
function withDid(record: KeyRecord, { did, keyId }: ImportOptions): KeyRecord {
  if (did === undefined) return record
  if (parseDid(did)?.method !== 'icn') throw usage(`${did} is no registered DID.`, 'It looks like did:icn:….')
  return { ...record, did, keyId }
}

interface Options {
  /** commander: false where `--no-passphrase` was given. */
  readonly passphrase: boolean
}

async function create(given: string | undefined, options: Options, command: Command, mnemonic: string): Promise<void> {
  const session = openSession(command)
  const name = given ?? session.name()
  if (await keyExists(session.home, name))
    throw new CliError('KEY_EXISTS', `There is a key ${name} already.`, 'Choose another name.')
  const record = keyRecord(name, deriveBaseKey(await mnemonicToSeed(mnemonic)), { mnemonic })
  await save(session, record, options)
  session.out.answer({ name, did: record.did }, [
    `${name} is made. Each organization will know it under a DID of its own.`,
    `Write down its 24 words with: icn key export --as ${name}`,
  ])
}

async function save({ home }: Session, record: Parameters<typeof saveKey>[1], { passphrase }: Options): Promise<void> {
  await saveKey(home, record, passphrase ? { passphrase: await askNewPassphrase() } : { unencrypted: true })
}
