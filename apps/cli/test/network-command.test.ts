import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { NetworkStatus } from '../src/network/words.ts'
import { openWorkshop, type Workshop } from './harness.ts'

const ICN = new URL('../bin/icn.js', import.meta.url).pathname
/** util-linux, for a terminal that a test can type into. */
const hasScript = spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout?.includes('util-linux') === true
const ESCAPE = '\u001b'
let shop: Workshop

before(async () => {
  shop = await openWorkshop()
})
after(() => shop.close())

/** What a process writes until enough has been seen; the test ends the process. */
async function until(child: ChildProcess, seen: (text: string) => boolean): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  let text = ''
  child.stdout?.on('data', (chunk) => {
    text += chunk
    if (seen(text)) resolve(text)
  })
  child.on('exit', () => reject(new Error(`it ended before: ${text}`)))
  return promise
}

interface Answer {
  readonly network: string
  readonly height: number
  readonly appHash: string
  readonly status: NetworkStatus
}

test('network status says whether all is well, and with --json everything, what it said before included', async () => {
  let facts: Answer
  // A status may be a second old, and then knows of no block yet.
  do facts = (await shop.done('network', 'status')) as unknown as Answer
  while (facts.status.height !== facts.height)
  assert.deepEqual([facts.status.network, facts.status.roots.appHash], [facts.network, facts.appHash])
  assert.equal(facts.status.health, 'good')
  const { code, stdout } = await shop.icn(['network', 'status'])
  assert.equal(code, 0)
  const lines = stdout.split('\n')
  assert.equal(lines[1], '● All is well')
  for (const label of ['height', 'agreement', 'traffic', 'waiting', 'state', 'roots', 'machine', 'holds'])
    assert.equal(lines.filter((line) => line.startsWith(`${label} `)).length, 1, label)
  assert.ok(!stdout.includes(ESCAPE))
})

for (const [words, folder] of [
  [['network', 'init'], /--home <dir> +data folder of the node/],
  [['network', 'join'], /--home <dir> +data folder of the node/],
  [['network', 'status'], /--home <dir> +the wallet folder/],
] as const) {
  test(`${words.join(' ')} --help says which folder --home names, once`, async () => {
    const { stdout } = await shop.icn([...words, '--help'])
    assert.match(stdout, folder)
    assert.equal(stdout.match(/^ +--home <dir> /gm)?.length, 1)
  })
}

test('a setting that is given to network init as a flag is told how to be given', async () => {
  const { code, stderr } = await shop.icn(['network', 'init', '--name', 'North', '--cometbft-private-network', 'true'])
  assert.equal(code, 2)
  assert.match(
    stderr,
    /unknown option '--cometbft-private-network'\n\(settings of the node are given as --set key=value;/,
  )
})

for (const [name, args, seen] of [
  ['a line each time', ['network', 'watch'], /^[^\n]*height \d+ .*all is well\n/],
  ['a document each time', ['network', 'watch', '--json'], /^\{[^\n]*"health":"good"[^\n]*\}\n/],
] as const) {
  test(`without a terminal: ${name}, and a signal ends it with 0`, async () => {
    const env = { ...process.env, ICN_NODE: shop.node.url }
    const child = spawn(process.execPath, [ICN, ...args], { env, stdio: ['ignore', 'pipe', 'inherit'] })
    const text = await until(child, (own) => own.includes('\n'))
    assert.match(text, seen)
    assert.ok(!text.includes(ESCAPE))
    child.kill('SIGTERM')
    assert.deepEqual(await once(child, 'exit'), [0, null])
  })
}

test('what happens on the ledger is shown by network events', async () => {
  await shop.done('key', 'new', 'ana', '--no-passphrase')
  await shop.done('org', 'found', 'Bakery', '--as', 'ana')
  const args = ['network', 'events', '--since', '0-0', '--topic', 'org', '--json', '--node', shop.node.url]
  const child = spawn(process.execPath, [ICN, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  const text = await until(child, (own) => own.includes('\n'))
  assert.match(JSON.parse(text.split('\n', 1)[0] ?? '').topic, /^org\./)
  child.kill('SIGTERM')
  await once(child, 'exit')
})

/** The node behind somebody who tells another story of every event. */
async function startLiar(): Promise<{ readonly url: string; close(): void }> {
  const server = createServer(async (request, response) => {
    const answer = await fetch(`${shop.node.url}${request.url}`)
    const text = await answer.text()
    const altered = request.url?.includes('/blocks?') === true ? text.replace('org.founded', 'org.closed') : text
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(altered)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() }
}

test('network follow says what happens in a lane, goes on where it was, and ends where a node lies', async () => {
  const genesis = String((await shop.done('network', 'status')).genesisHash)
  const wallet = join(shop.folder, 'wallet')
  const followed = async (args: readonly string[], topic: string) => {
    const child = spawn(process.execPath, [ICN, 'network', 'follow', '--lane', '0', '--json', ...args], {
      env: { ...process.env, ICN_NODE: shop.node.url, ICN_WALLET: wallet },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const text = await until(child, (own) => own.includes(topic) && own.endsWith('\n'))
    child.kill('SIGTERM')
    assert.deepEqual(await once(child, 'exit'), [0, null])
    return text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
  }
  const first = await followed(['--since', '1', '--genesis-hash', genesis], 'member.joined')
  const { time: _, transaction, data, ...place } = first[0]
  const { status } = await fetch(`${shop.node.url}/v1/transactions/${transaction}`)
  assert.deepEqual([status, data.name], [200, 'Bakery'])
  assert.deepEqual([place.lane, place.topic, place.index], [0, 'org.founded', 0])
  await shop.done('org', 'found', 'Mill', '--as', 'ana')
  const later = await followed([], 'member.joined')
  assert.deepEqual([later[0].topic, later[0].data.name], ['org.founded', 'Mill'])
  const charter = join(shop.folder, 'charter.json')
  writeFileSync(charter, JSON.stringify({ readAccess: 'members' }))
  await shop.done('org', 'found', 'Closed', '--as', 'ana', '--charter', charter)
  const hidden = await followed(['--since', '1'], '"hidden"')
  assert.equal(hidden.at(-1).hidden, 1)
  const shown = await followed(['--since', '1', '--org', 'Closed', '--as', 'ana'], 'Closed')
  assert.equal(shown.find((event) => event.data?.name === 'Closed').height, hidden.at(-1).height)
  const liar = await startLiar()
  const lied = await shop.icn(['network', 'follow', '--lane', '0', '--since', '1', '--json', '--node', liar.url])
  liar.close()
  assert.equal(lied.code, 1)
  assert.equal(JSON.parse(lied.stdout).error.name, 'EVENTS_ALTERED')
  const file = join(wallet, 'followed')
  writeFileSync(join(file, readdirSync(file)[0] ?? ''), '{}')
  assert.deepEqual(await shop.refused('network', 'follow', '--lane', '0'), [1, 'BAD_POSITION'])
  assert.deepEqual(await shop.refused('network', 'follow', '--lane', 'core'), [2, 'USAGE'])
  const other = ['network', 'follow', '--lane', '0', '--since', '1', '--genesis-hash', 'ab'.repeat(32)]
  assert.deepEqual(await shop.refused(...other), [1, 'OTHER_NETWORK'])
})

const skip = hasScript ? false : 'no script of util-linux on this machine'
for (const [name, key, env] of [
  ['q', 'q', {}],
  ['Ctrl-C', '\u0003', {}],
  ['q, with NO_COLOR', 'q', { NO_COLOR: '1' }],
] as const) {
  test(`on a terminal it is drawn, and ${name} leaves the screen as it was`, { skip }, async () => {
    const command = `"${process.execPath}" "${ICN}" network watch --node ${shop.node.url}`
    // A terminal of 256 colours, whatever runs the tests says of its own (`CI` too takes the colours away).
    const { NO_COLOR: _, FORCE_COLOR: __, NODE_DISABLE_COLORS: ___, CI: ____, ...inherited } = process.env
    const environment = { ...inherited, TERM: 'xterm-256color', ...env }
    const child = spawn('script', ['-qefc', command, '/dev/null'], {
      env: environment,
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    let text = await until(child, (own) => own.includes('q ends'))
    child.stdout?.on('data', (chunk) => (text += chunk))
    child.stdin?.write(key)
    const [code] = (await once(child, 'close')) as [number | null]
    assert.equal(code, 0, text)
    assert.ok(text.includes('All is well'))
    assert.ok(text.indexOf('\u001b[?1049h') < text.indexOf('All is well'))
    assert.ok(text.endsWith('\u001b[?25h\u001b[?1049l'), JSON.stringify(text.slice(-40)))
    assert.equal(text.includes('\u001b[32m'), !('NO_COLOR' in env))
  })
}
