import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { readControlGroup } from '../src/sources/control-group.ts'

const top = mkdtempSync(join(tmpdir(), 'icn-group-'))
after(() => rmSync(top, { recursive: true }))

function given(name: string, groups: string, files: Readonly<Record<string, string>>) {
  const root = join(top, name)
  mkdirSync(root)
  writeFileSync(join(root, 'groups'), groups)
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(root, 'fs', path, '..'), { recursive: true })
    writeFileSync(join(root, 'fs', path), text)
  }
  return readControlGroup(join(root, 'groups'), join(root, 'fs'))
}

const LIMITED = { usedBytes: 300, limitBytes: 1_000 }
const V2 = { 'memory.max': '1000\n', 'memory.current': '800\n', 'memory.stat': 'anon 1\ninactive_file 500\nfile 600\n' }
const V1 = {
  'memory.limit_in_bytes': '1000\n',
  'memory.usage_in_bytes': '800\n',
  'memory.stat': 'inactive_file 1\ntotal_inactive_file 500\n',
}
const under = (folder: string, files: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(files).map(([name, text]) => [`${folder}/${name}`, text]))

for (const [name, groups, files, expected] of [
  ['a unit with a limit', '0::/system.slice/icn.service\n', under('system.slice/icn.service', V2), LIMITED],
  ['a container', '0::/\n', V2, LIMITED],
  ['a container that sees the path of outside', '0::/docker/abc\n', V2, LIMITED],
  ['version 1', '3:cpuset:/\n4:cpu,memory:/a\n0::/\n', under('memory/a', V1), LIMITED],
  ['a container of version 1', '4:memory:/docker/abc\n0::/\n', under('memory', V1), LIMITED],
  ['no limit', '0::/\n', { ...V2, 'memory.max': 'max\n' }, undefined],
  ['no groups at all', '', {}, undefined],
  [
    'more cache than use',
    '0::/\n',
    { ...V2, 'memory.stat': 'inactive_file 900\n' },
    { usedBytes: 0, limitBytes: 1_000 },
  ],
] as const) {
  test(`memory of ${name}`, async () => {
    assert.deepEqual(await given(name.replaceAll(' ', '-'), groups, files), expected)
  })
}
