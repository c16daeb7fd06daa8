import { generateSeed, publicKeyFromSeed } from '@icn/crypto'
import { type Bodies, type Body, identityDid, publicKeyToText } from '@icn/protocol'
import { type Actor, ApiError, keyFromSeed, type Receipt } from '@icn/sdk'
import { dropKey, type KeyProtection, saveKey } from '@icn/sdk/key-files'
import type { Command } from 'commander'
import { CliError } from '../cli-error.ts'
import { askNewPassphrase } from '../passphrase.ts'
import { openSession } from '../session.ts'

const PLAIN = ['--no-passphrase', 'keep the key unencrypted, readable by its owner only'] as const

export function didCommands(program: Command): void {
  const did = program.command('did').description('decentralized identifiers')
  did
    .command('resolve')
    .argument('<did>')
    .option('--version-id <n>', 'as it was in this version')
    .description('the document of a DID')
    .action(async (given: string, { versionId }: { versionId?: string }, command: Command) => {
      const { client, out } = openSession(command)
      const query = versionId === undefined ? {} : { versionId }
      const resolution = await client.call('resolve', { params: { did: given }, query })
      if (resolution.didDocument === null) {
        const { error } = resolution.didResolutionMetadata as { error?: { type: string; title: string } }
        const reason = error?.type.split('#')[1] ?? 'NOT_FOUND'
        throw new CliError(
          reason,
          error?.title ?? 'This DID is not found.',
          'A DID looks like did:key:z6Mk… or did:icn:….',
        )
      }
      out.answer(resolution, JSON.stringify(resolution.didDocument, null, 2))
    })
  did
    .command('register')
    .option(...PLAIN)
    .argument('<name>', 'what to call the new key')
    .description('register a did:icn with a new key; keys can be rotated later and the DID stays')
    .action(async (name: string, { passphrase }: { passphrase: boolean }, command: Command) => {
      const { client, out, home, actorWith } = openSession(command)
      const { network } = await client.call('network', {})
      const seed = generateSeed()
      const publicKey = publicKeyToText(publicKeyFromSeed(seed))
      const body: Bodies['identity.register'] = {
        kind: 'identity.register',
        keys: [{ id: 'k1', publicKey }],
        services: [],
      }
      const record = { ...keyFromSeed(seed), name, publicKey, did: identityDid(network, body), keyId: 'k1' }
      await saveKey(home, record, await protection(passphrase))
      const receipt = await actOrDrop(actorWith(record), body, home, name)
      out.answer({ ...receipt, did: record.did }, `${name} is registered as ${record.did}`)
    })
  did
    .command('rotate')
    .option(...PLAIN)
    .description('replace the key of a did:icn by a new one')
    .action(async ({ passphrase }: { passphrase: boolean }, command: Command) => {
      const session = openSession(command)
      const { home, out } = session
      const record = await session.key()
      const number = Number(/^k(\d{1,9})$/.exec(record.keyId)?.[1] ?? Number.NaN)
      if (Number.isNaN(number))
        throw new CliError(
          'NOT_REGISTERED',
          `${record.name} is a did:key, which is its own key and cannot be replaced.`,
          'Only a DID made with icn did register has keys that can be.',
        )
      const protect = await protection(passphrase)
      const seed = generateSeed()
      const publicKey = publicKeyToText(publicKeyFromSeed(seed))
      const keyId = `k${number + 1}`
      const body: Body = { kind: 'identity.rotate', add: [{ id: keyId, publicKey }], revoke: [record.keyId] }
      // The new key is on the disk before the ledger knows it: whatever happens then, one of the two opens the DID.
      const next = { ...record, name: `${record.name}.next`, seed, publicKey, keyId }
      await saveKey(home, next, protect, { overwrite: true })
      const receipt = await actOrDrop(session.actorWith(record), body, home, next.name)
      await saveKey(home, { ...next, name: record.name }, protect, { overwrite: true })
      await dropKey(home, next.name)
      out.answer({ ...receipt, did: record.did, keyId }, `${record.did} signs with ${keyId} now`)
    })
  did
    .command('deactivate')
    .description('end a did:icn for good')
    .action(async (_: unknown, command: Command) => {
      const session = openSession(command)
      const record = await session.key()
      const receipt = await session.actorWith(record).act({ kind: 'identity.deactivate' })
      session.out.answer({ ...receipt, did: record.did }, `${record.did} is deactivated`)
    })
}

/** Acts; where the ledger refuses, the key that was made for it is of no use. Where nobody answers, it may be. */
async function actOrDrop(actor: Actor, body: Body, home: string, name: string): Promise<Receipt> {
  try {
    return await actor.act(body)
  } catch (error) {
    if (error instanceof ApiError) await dropKey(home, name)
    throw error
  }
}

async function protection(passphrase: boolean): Promise<KeyProtection> {
  return passphrase ? { passphrase: await askNewPassphrase() } : { unencrypted: true }
}
