import { generateSeed, publicKeyFromSeed } from '@icn/crypto'
import { type Bodies, type Body, identityDid, publicKeyToText } from '@icn/protocol'
import { createActor, keyFromSeed } from '@icn/sdk'
import { saveKey } from '@icn/sdk/key-files'
import type { Command } from 'commander'
import { askNewPassphrase } from '../passphrase.ts'
import { openSession } from '../session.ts'

export function didCommands(program: Command): void {
  const did = program.command('did').description('decentralized identifiers')
  did
    .command('resolve')
    .argument('<did>')
    .option('--version VERSION', 'as it was in this version')
    .description('the document of a DID')
    .action(async (given: string, { version }: { version?: string }, command: Command) => {
      const { client, out } = openSession(command)
      const resolution = await client.call('resolve', {
        params: { did: given },
        query: version === undefined ? {} : { versionId: version },
      })
      out.answer(resolution, JSON.stringify(resolution.didDocument, null, 2))
    })
  did
    .command('register')
    .option('--no-passphrase', 'keep the key unencrypted')
    .argument('<name>', 'what to call the new key')
    .description('register a did:icn with a new key; keys can be rotated later and the DID stays')
    .action(async (name: string, { passphrase }: { passphrase: boolean }, command: Command) => {
      const { client, out, home } = openSession(command)
      const { network } = await client.call('network', {})
      const seed = generateSeed()
      const publicKey = publicKeyToText(publicKeyFromSeed(seed))
      const body: Bodies['identity.register'] = {
        kind: 'identity.register',
        keys: [{ id: 'k1', publicKey }],
        services: [],
      }
      const record = { ...keyFromSeed(seed), name, publicKey, did: identityDid(network, body), keyId: 'k1' }
      await saveKey(home, record, passphrase ? { passphrase: await askNewPassphrase() } : { unencrypted: true })
      const receipt = await createActor({ client, key: record }).act(body)
      out.answer({ ...receipt, did: record.did }, `${name} is registered as ${record.did}`)
    })
  did
    .command('rotate')
    .option('--no-passphrase', 'keep the key unencrypted')
    .description('replace the key of a did:icn by a new one')
    .action(async ({ passphrase }: { passphrase: boolean }, command: Command) => {
      const session = openSession(command)
      const record = await session.key()
      const seed = generateSeed()
      const publicKey = publicKeyToText(publicKeyFromSeed(seed))
      const keyId = `k${Number(record.keyId.slice(1)) + 1}`
      const body: Body = { kind: 'identity.rotate', add: [{ id: keyId, publicKey }], revoke: [record.keyId] }
      const receipt = await createActor({ client: session.client, key: record }).act(body)
      const rotated = { ...record, seed, publicKey, keyId }
      await saveKey(
        session.home,
        rotated,
        passphrase ? { passphrase: await askNewPassphrase() } : { unencrypted: true },
        { overwrite: true },
      )
      session.out.answer({ ...receipt, did: record.did, keyId }, `${record.did} signs with ${keyId} now`)
    })
  did
    .command('deactivate')
    .description('end a did:icn for good')
    .action(async (_: unknown, command: Command) => {
      const session = openSession(command)
      const record = await session.key()
      const receipt = await createActor({ client: session.client, key: record }).act({ kind: 'identity.deactivate' })
      session.out.answer({ ...receipt, did: record.did }, `${record.did} is deactivated`)
    })
}
