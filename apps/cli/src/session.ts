import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import type { AnswerOf } from '@icn/http-api/contract'
import { type Actor, type ActorKey, ApiError, type Client, createActor, createClient, type KeyRecord } from '@icn/sdk'
import type { Command } from 'commander'
import { CliError, usage } from './cli-error.ts'
import { createOutput, type Output } from './output.ts'
import { allOf } from './pages.ts'
import { keyIn, keyToFoundOffline, knownOrganizations, openKey } from './wallet.ts'

/** What every command works with, from the options that all of them take. */
export interface Session {
  readonly out: Output
  readonly home: string
  readonly json: boolean
  readonly client: Client
  /** The name after `--as`. @throws CliError where there is none */
  readonly name: () => string
  readonly key: () => Promise<KeyRecord>
  /** DID of an organization, given that or its name. */
  readonly findOrg: (given: string) => Promise<string>
  /** Somebody who acts with this key. */
  readonly actorWith: (key: ActorKey, network?: string) => Actor
  /** The person of `--as` in an organization. */
  readonly actorIn: (org: string) => Promise<Actor>
}

interface GlobalOptions {
  readonly json?: boolean
  readonly quiet?: boolean
  readonly node?: string
  readonly home?: string
  readonly as?: string
}

/** Where a command says its answer. */
export function outputOf(command: Command): Output {
  const { json, quiet } = command.optsWithGlobals<GlobalOptions>()
  return createOutput({ json: json === true, quiet: quiet === true })
}

export function openSession(command: Command): Session {
  const options = command.optsWithGlobals<GlobalOptions>()
  const json = options.json === true
  const out = outputOf(command)
  const home = resolve(options.home ?? walletFolder())
  const client = createClient({ url: nodeUrl(options.node ?? process.env.ICN_NODE ?? 'http://127.0.0.1:7420') })

  function name(): string {
    const given = nameOf(options)
    if (given === undefined)
      throw usage('Who acts is not said.', 'Add --as NAME, the name of a key; icn key list shows those that there are.')
    return given
  }

  // Opened once: a passphrase is asked for once, and costs a second to try.
  let opened: Promise<KeyRecord> | undefined
  const key = () => {
    opened ??= openKey(home, name())
    return opened
  }
  const actorWith = (own: ActorKey, network?: string) =>
    createActor({
      client,
      key: own,
      confirm: (lines) => out.progress(lines.join('\n')),
      ...(network === undefined ? {} : { network }),
    })
  const actorIn = async (org: string) =>
    actorWith(await keyIn(home, await key(), org, client), /^did:icn:([^:]+):/.exec(org)?.[1])
  return { out, home, json, client, name, key, actorWith, actorIn, findOrg: (given) => findOrg(client, given) }
}

/** Where keys are kept when no `--home` says so. */
function walletFolder(): string {
  return process.env.ICN_WALLET ?? join(homedir(), '.icn')
}

function nameOf({ as }: GlobalOptions): string | undefined {
  return as ?? process.env.ICN_AS
}

/** The key with which the person of `--as` founds what comes next; `undefined` where nobody is named. `--home` names no wallet here. */
export async function founderOf(
  command: Command,
): Promise<{ readonly did: string; readonly name: string } | undefined> {
  const name = nameOf(command.optsWithGlobals<GlobalOptions>())
  if (name === undefined) return undefined
  const wallet = resolve(walletFolder())
  const { did } = await keyToFoundOffline(wallet, await openKey(wallet, name))
  return { did, name }
}

function nodeUrl(given: string): string {
  if (/^https?:\/\/./.test(given) && URL.canParse(given)) return given
  throw usage(`${given} is no address of a node.`, 'For example --node http://127.0.0.1:7420')
}

async function findOrg(client: Client, given: string): Promise<string> {
  if (given.startsWith('did:')) return given
  const all = await allOf(client, 'organizations', {})
  const exact = all.filter(({ name }) => name === given)
  const folded = all.filter(({ name }) => name.toLowerCase() === given.trim().toLowerCase())
  const found = (exact.length > 0 ? exact : folded).map(({ did }) => did)
  const [only] = found
  if (found.length === 1 && only !== undefined) return only
  if (found.length > 1)
    throw new CliError(
      'NAME_NOT_UNIQUE',
      `${found.length} organizations are called ${given}.`,
      `Use a DID: ${found.join(', ')}`,
    )
  throw new CliError('ORG_NOT_FOUND', `No organization is called ${given}.`, 'icn org list shows those that there are.')
}

/**
 * Reads, and where only members may, signs in first.
 *
 * @param org - whose it is; `undefined` where only the answer would say: then every organization of the person is tried
 */
export async function readAs<T>(
  session: Session,
  org: string | undefined,
  read: (client: Client) => Promise<T>,
): Promise<T> {
  try {
    return await read(session.client)
  } catch (error) {
    if (!isForMembers(error)) throw error
    return readSignedIn(session, org === undefined ? knownOrganizations(session.home, session.name()) : [org], read)
  }
}

/** A proposal, also of an organization that only its members read. */
export function readProposal(session: Session, id: string): Promise<AnswerOf<'proposal'>> {
  return readAs(session, undefined, (client) => client.call('proposal', { params: { id } }))
}

async function readSignedIn<T>(
  session: Session,
  orgs: readonly string[],
  read: (client: Client) => Promise<T>,
): Promise<T> {
  for (const org of orgs) {
    try {
      return await read(await (await session.actorIn(org)).signIn())
    } catch (error) {
      if (!isForMembers(error)) throw error
    }
  }
  throw new CliError(
    'MEMBERS_ONLY',
    'Only members read what this organization decides.',
    'Name the key of a member with --as NAME. After icn key recover, run icn member list --org ORG once.',
  )
}

function isForMembers(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 401 || error.status === 403)
}
