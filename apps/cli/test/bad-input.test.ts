import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { runNode, startProcess } from '../../node/test/node-process.ts'
import { commandOver } from './harness.ts'

// What operators get wrong, by the commands that they type: each is named, says what to do, and leaves the folder as it was.
const folder = mkdtempSync(join(tmpdir(), 'icn-bad-input-'))
const { icn } = commandOver(join(folder, 'wallet'), 'http://127.0.0.1:1')
const first = join(folder, 'first')
const invitation = join(first, 'join.json')
before(async () => {
  const { code, stderr } = await icn([
    'network',
    'init',
    '--name',
    'North',
    '--home',
    first,
    '--address',
    'a.example:1',
  ])
  assert.equal(code, 0, stderr)
})
after(() => rmSync(folder, { recursive: true, force: true }))

/** Every file of a folder with the hash of what is in it; the lock of who looked in is none of it. */
function filesOf(home: string): readonly string[] | undefined {
  if (!existsSync(home)) return undefined
  const files = readdirSync(home, { recursive: true, withFileTypes: true }).filter((own) => own.isFile())
  return files
    .map(({ parentPath, name }) => join(parentPath, name))
    .filter((file) => !file.includes('lock.db'))
    .map((file) => `${file} ${createHash('sha256').update(readFileSync(file)).digest('hex')}`)
    .sort()
}

/** Runs a command of an operator that is refused, as a person reads it and as a program does. */
async function refused(args: readonly string[], home: string, name: string, said: RegExp): Promise<void> {
  const before = filesOf(home)
  const told = await icn([...args, '--home', home])
  assert.deepEqual([told.code, told.stdout], [1, ''], told.stderr)
  assert.match(told.stderr, said)
  const document = await icn([...args, '--home', home, '--json'])
  const { error } = JSON.parse(document.stdout)
  assert.deepEqual([document.code, document.stderr, error.name], [1, '', name])
  assert.match(error.message, said)
  assert.ok(error.hint.length > 20 && told.stderr.includes(error.hint), 'it says what to do')
  assert.deepEqual(filesOf(home), before)
}

for (const [what, change, flags, name, said] of [
  [
    'a wrong genesis',
    {},
    ['--genesis-hash', 'cd'.repeat(32)],
    'WRONG_GENESIS',
    /has the hash \w{64}, and you expect cdcd/,
  ],
  [
    'a genesis that is not the one named',
    { genesisHash: 'ab'.repeat(32) },
    [],
    'WRONG_GENESIS',
    /the file itself says abab/,
  ],
  ['an expired invitation', { expires: '2020-01-01T00:00:00Z' }, [], 'JOIN_EXPIRED', /was valid until 2020-01-01/],
  ['a version that does not fit', { cometbft: '1.0.1' }, [], 'COMETBFT_VERSION', /the network runs CometBFT 1\.0\.1/],
  ['no address of a node', { peers: [] }, [], 'NO_PEER', /names no node/],
] as const) {
  test(`icn network join with ${what}`, async () => {
    const file = join(folder, 'changed.json')
    writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(invitation, 'utf8')), ...change }))
    await refused(['network', 'join', file, ...flags], join(folder, 'never'), name, said)
    assert.equal(existsSync(join(folder, 'never')), false)
  })
}

test('icn network join into the folder of another network, or of something else', async () => {
  const other = join(folder, 'other')
  assert.equal((await icn(['network', 'init', '--name', 'South', '--home', other])).code, 0)
  await refused(['network', 'join', invitation], other, 'OTHER_NETWORK', /belongs to the network icn-\w+ \(South\)/)
  const photos = mkdtempSync(join(folder, 'photos-'))
  writeFileSync(join(photos, 'cat.jpg'), 'x')
  await refused(['network', 'join', invitation], photos, 'FOLDER_NOT_EMPTY', /holds cat\.jpg/)
})

/** `icn restore` and `icn import` are those of icn-node, with its words and codes. */
async function refusedByNode(args: readonly string[], home: string, code: number, said: RegExp): Promise<void> {
  const before = filesOf(home)
  const ended = await icn([...args, '--home', home])
  assert.deepEqual([ended.code, ended.stdout], [code, ''], ended.stderr)
  assert.match(ended.stderr, said)
  assert.match(ended.stderr, /What to do: .{10,}/)
  assert.deepEqual(filesOf(home), before)
}

test('icn restore and icn import of another network, of something else, and with a byte changed', async () => {
  const [alone, backup, archive] = [join(folder, 'alone'), join(folder, 'backup'), join(folder, 'state.icn')]
  const node = await startProcess(alone, ['--dev-clock'])
  const headers = { 'content-type': 'application/json' }
  await fetch(`${node.url}/v1/dev/clock`, { method: 'POST', body: JSON.stringify({ advanceMs: 1 }), headers })
  assert.equal(await node.end('SIGTERM'), 0)
  assert.equal((await icn(['backup', backup, '--home', alone])).code, 0)
  assert.equal((await icn(['export', archive, '--home', alone])).code, 0)

  const other = mkdtempSync(join(folder, 'of-another-'))
  writeFileSync(join(other, 'genesis.json'), readFileSync(join(first, 'genesis.json')))
  const isOther = /^OTHER_NETWORK: .*is of the network icn-\w+ .*expected genesis \w{64}/
  await refusedByNode(['restore', backup], other, 2, isOther)
  await refusedByNode(['import', archive], other, 2, isOther)
  const empty = mkdtempSync(join(folder, 'empty-'))
  await refusedByNode(['restore', first], empty, 4, /^NOT_A_BACKUP: /)
  await refusedByNode(['import', join(first, 'genesis.json')], empty, 4, /^NOT_AN_ARCHIVE: /)
  for (const file of [join(backup, 'state.db'), archive]) changeByte(file)
  await refusedByNode(['restore', backup], empty, 4, /^ALTERED: .*state\.db/)
  await refusedByNode(['import', archive], empty, 4, /^ALTERED: /)
})

function changeByte(file: string): void {
  const bytes = readFileSync(file)
  const place = bytes.length >> 1
  bytes[place] = (bytes[place] ?? 0) ^ 0x20
  writeFileSync(file, bytes)
}

/** What `npm start` says on a folder of a network that cannot start so. */
async function refusedStart(home: string, flags: readonly string[], said: RegExp): Promise<void> {
  const before = filesOf(home)
  const { code, stdout, stderr } = await runNode(['start', '--home', home, ...flags])
  assert.deepEqual([code, stdout], [2, ''], stderr)
  assert.match(stderr.split('\n').at(-2) ?? '', said)
  assert.deepEqual(filesOf(home), before)
}

test('npm start on a port in use makes nothing, in a new folder as in one of a network', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as { port: number }
  const said = new RegExp(`^PORT_IN_USE: 127\\.0\\.0\\.1:${port}, for HTTP, .* What to do: end that process`)
  await refusedStart(join(folder, 'not-made'), ['--http-port', String(port)], said)
  assert.equal(existsSync(join(folder, 'not-made')), false)
  await refusedStart(first, ['--http-port', String(port)], said)
  server.close()
})

test('npm start without CometBFT, or with another version, makes nothing', async () => {
  const joined = join(folder, 'joined')
  assert.equal((await icn(['network', 'join', invitation, '--home', joined])).code, 0)
  const flags = ['--http-port', '0', '--cometbft-binary']
  const none = /^COMETBFT_NOT_BUILT: .* What to do: npm run setup:cometbft/
  await refusedStart(joined, [...flags, join(folder, 'none')], none)
  const old = join(folder, 'cometbft-old')
  writeFileSync(old, '#!/bin/sh\necho 0.37.2\n')
  chmodSync(old, 0o755)
  await refusedStart(joined, [...flags, old], /^COMETBFT_WRONG_VERSION: .*0\.37\.2, expected 0\.38\.\d+\. What to do: /)
})
