import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { validatorAddress } from '@icn/protocol'
import { type LocalNetwork, type LocalNode, startNetwork, until } from '@icn/testkit/network'
import { setUpCometBft } from '../../../scripts/setup-cometbft.ts'
import { commandOver } from './harness.ts'

const setup = setUpCometBft({ quiet: true })
const skip = setup.ok ? false : setup.reason
const folder = mkdtempSync(join(tmpdir(), 'icn-jailed-'))
let network: LocalNetwork | undefined
after(async () => {
  await network?.stop()
  rmSync(folder, { recursive: true, force: true })
})

interface Validator {
  readonly publicKey: string
  readonly status: string
  readonly power: number
  readonly missed: number
}

const read = async <T>(node: LocalNode, path: string): Promise<T> =>
  (await (await fetch(`${node.url()}${path}`)).json()) as T

test('a validator that is away too long is jailed, and signs again when its operator says that it is well', {
  skip,
}, async () => {
  network = await startNetwork({
    folder,
    validators: 4,
    params: { attendance: { windowBlocks: 10, jailMs: 3_000 } },
    flags: ['--consensus-idle-ms', '1000', '--log-level', 'warn'],
  })
  const [first, , , fourth] = network.nodes as [LocalNode, LocalNode, LocalNode, LocalNode]
  const key = JSON.parse(readFileSync(join(fourth.home, 'validator-key.json'), 'utf8')) as Record<string, string>
  const publicKey = String(key.publicKey)
  const address = validatorAddress(publicKey)
  const own = () => read<Validator>(first, `/v1/network/validators/${address}`)
  const signers = async () => {
    const { validators } = await read<{ validators: readonly { publicKey: string; isSigning: boolean | null }[] }>(
      first,
      '/v1/network/status',
    )
    return validators.filter(({ isSigning }) => isSigning === true).map((voter) => voter.publicKey)
  }
  const secret = join(folder, 'secret')
  writeFileSync(secret, `${key.seed}\n`, { mode: 0o600 })
  const { done, icn } = commandOver(join(folder, 'wallet'), first.url())
  await done('key', 'import', 'mill', '--secret', secret, '--no-passphrase')
  const early = await icn(['validator', 'unjail', address, '--as', 'mill', '--json'])
  assert.match(early.stdout, /"NOT_JAILED"/)

  assert.equal(await fourth.end('SIGTERM'), 0)
  const jailed = await until('jail', async () => (await own()).status === 'jailed' && (await own()), 60_000)
  assert.equal(jailed.power, 0)
  // The set has changed by itself: the three who are left need each other, and nobody waits for the fourth.
  await until('three who sign', async () => (await signers()).length === 3)
  const { validators } = await read<{ validators: readonly Validator[] }>(first, '/v1/network')
  assert.ok(validators.length === 3 && validators.every((voter) => voter.publicKey !== publicKey))

  await fourth.start()
  const unjailed = async () => (await icn(['validator', 'unjail', address, '--as', 'mill'])).code === 0
  await until('the end of its time in jail', unjailed)
  const isBack = async () => {
    // Ten blocks are few: on a busy machine it is jailed again before it has caught up.
    if ((await own()).status === 'jailed') await unjailed()
    return (await signers()).includes(publicKey)
  }
  await until('its signature', isBack, 60_000)
  const back = await own()
  assert.deepEqual([back.status, back.power], ['active', 1])
  const { stdout } = await icn(['validator', 'list'])
  assert.match(stdout, new RegExp(`${address}\\tValidator 4\\tactive\\tpower 1`))
})
