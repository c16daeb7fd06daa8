import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { EXAMPLES } from '../src/examples.ts'
import { openWorkshop, type Workshop } from './harness.ts'

let shop: Workshop
before(async () => {
  shop = await openWorkshop()
})
after(() => shop.close())

for (const [what, args] of [
  ['no command', []],
  ['a group without a command', ['key']],
  ['an unknown command', ['nonsense']],
  ['a word that every object has', ['toString']],
  ['an unknown command of a group', ['key', 'nonsense']],
  ['a missing argument', ['org', 'found']],
  ['too many arguments', ['org', 'found', 'A', 'B']],
  ['an unknown option', ['org', 'list', '--bogus']],
  ['a missing option', ['proposal', 'new', '--title', 'x']],
  ['a method that there is not', ['proposal', 'new', '--org', 'A', '--title', 'x', '--method', 'nonsense']],
  ['a time that is none', ['proposal', 'new', '--org', 'A', '--title', 'x', '--voting', 'forever']],
  ['an address that is none', ['org', 'list', '--node', 'localhost']],
  ['help for nothing', ['help', 'nonsense']],
  ['nobody to act', ['did', 'deactivate']],
] as const) {
  test(`${what} ends with 2 and one document`, async () => {
    assert.deepEqual(await shop.refused(...args), [2, 'USAGE'])
  })
}

test('people get words, and nothing on stdout', async () => {
  for (const args of [['key'], ['nonsense'], ['org', 'found']]) {
    const { code, stdout, stderr } = await shop.icn(args)
    assert.deepEqual([code, stdout], [2, ''])
    assert.match(stderr, /icn|error/)
  }
})

test('every command has help with an example, and there is no example without a command', async () => {
  const { stdout } = await shop.icn(['completion', 'fish', '--json'])
  const groups = [...JSON.parse(stdout).script.matchAll(/__fish_seen_subcommand_from (\w+)" -a "([^"]+)"/g)]
  const first = /use_subcommand -a "([^"]+)"/.exec(JSON.parse(stdout).script)?.[1]?.split(' ') ?? []
  const grouped = groups.flatMap(([, group, names]) =>
    String(names)
      .split(' ')
      .map((name) => `${group} ${name}`),
  )
  const commands = [...grouped, ...first.filter((name) => !groups.some(([, group]) => group === name))]
  assert.deepEqual(commands.sort(), Object.keys(EXAMPLES).sort())
  for (const command of ['proposal new', 'vote', 'help']) {
    const help = await shop.icn(['help', ...command.split(' ')])
    assert.equal(help.code, 0)
    assert.match(help.stdout, new RegExp(`Usage: icn ${command}[\\s\\S]*Examples:\n {2}icn ${command.split(' ')[0]}`))
  }
  assert.deepEqual((await shop.done('help', 'vote')).examples, EXAMPLES.vote)
})

test('the name of a key may be that of a command', async () => {
  await shop.done('key', 'new', 'key', '--no-passphrase')
  assert.deepEqual(await shop.refused('--as', 'key', 'did', 'rotate', '--no-passphrase'), [1, 'NOT_REGISTERED'])
})

test('colours are for terminals only, and quiet says only the answer', async () => {
  const error = await shop.icn(['org', 'show', 'Nobody'], { FORCE_COLOR: undefined })
  assert.equal(error.code, 1)
  assert.ok(!error.stderr.includes('\u001b'))
  const plain = await shop.icn(['org', 'show', 'Nobody'], { NO_COLOR: '1' })
  assert.ok(!plain.stderr.includes('\u001b'))
  await shop.done('key', 'new', 'ana', '--no-passphrase')
  const loud = await shop.icn(['org', 'found', 'Loud', '--as', 'ana'])
  assert.match(loud.stderr, /Found the cooperative "Loud"/)
  const quiet = await shop.icn(['org', 'found', 'Quiet', '--as', 'ana', '--quiet'])
  assert.deepEqual([quiet.code, quiet.stderr], [0, ''])
  assert.match(quiet.stdout, /Quiet is founded/)
})

test('no node is 3 for every command that asks one, events included', async () => {
  for (const command of [
    ['org', 'list'],
    ['network', 'watch'],
    ['network', 'events'],
    ['network', 'status'],
    ['did', 'resolve', 'did:key:z'],
  ]) {
    const { code, stdout } = await shop.icn([...command, '--node', 'http://127.0.0.1:1', '--json'])
    assert.deepEqual([command, code, JSON.parse(stdout).error.name], [command, 3, 'UNREACHABLE'])
  }
})

test('a file that is not there, or holds something else, is said', async () => {
  for (const [args, name] of [
    [['tally', '/nonexistent.soi'], 'FILE_NOT_READ'],
    [['audit', 'verify', '/nonexistent'], 'FILE_NOT_READ'],
    [['key', 'recover', 'x', '--words', '/nonexistent'], 'FILE_NOT_READ'],
    [['key', 'recover', 'x', '--words', 'package.json'], 'BAD_MNEMONIC'],
    [['key', 'import', 'x', '--secret', 'package.json'], 'BAD_SECRET'],
    [['org', 'found', 'X', '--charter', 'README.md', '--as', 'key'], 'BAD_JSON'],
    [['org', 'found', 'X', '--charter', 'package.json', '--as', 'key'], 'BAD_BODY'],
  ] as const)
    assert.deepEqual([args, ...(await shop.refused(...args))], [args, 1, name])
})
