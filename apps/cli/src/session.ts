import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { type Actor, ApiError, type Client, createActor, createClient, type KeyRecord } from '@icn/sdk'
import type { Command } from 'commander'
import { CliError, usage } from './cli-error.ts'
import { createOutput, type Output } from './output.ts'
import { keyIn, openKey } from './wallet.ts'

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

export function openSession(command: Command): Session {
  const options = command.optsWithGlobals<GlobalOptions>()
  const json = options.json === true
  const out = createOutput({ json, quiet: options.quiet === true })
  const home = resolve(options.home ?? process.env.ICN_WALLET ?? join(homedir(), '.icn'))
  const client = createClient({ url: options.node ?? process.env.ICN_NODE ?? 'http://127.0.0.1:7420' })

  function name(): string {
    const given = options.as ?? process.env.ICN_AS
    if (given === undefined)
      throw usage('Who acts is not said.', 'Add --as NAME, the name of a key; icn key list shows those that there are.')
    return given
  }

  const key = () => openKey(home, name())
  const actorIn = async (org: string) =>
    createActor({
      client,
      key: await keyIn(home, await key(), org),
      confirm: (lines) => out.progress(lines.join('\n')),
    })
  return { out, home, json, client, name, key, actorIn, findOrg: (given) => findOrg(client, given) }
}

async function findOrg(client: Client, given: string): Promise<string> {
  if (given.startsWith('did:')) return given
  const found: string[] = []
  let cursor: string | null = null
  do {
    const page: Awaited<ReturnType<typeof client.call<'organizations'>>> = await client.call('organizations', {
      query: { limit: 200, ...(cursor === null ? {} : { cursor }) },
    })
    found.push(...page.items.filter(({ name }) => name === given).map(({ did }) => did))
    cursor = page.nextCursor
  } while (cursor !== null)
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

/** Signs in where an organization is read by its members only. */
export async function readAs<T>(session: Session, org: string, read: (client: Client) => Promise<T>): Promise<T> {
  try {
    return await read(session.client)
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 401) throw error
    return read(await (await session.actorIn(org)).signIn())
  }
}
