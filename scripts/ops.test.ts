import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { COMETBFT_VERSION } from '@icn/consensus/cometbft'
import { ALERT_RULES } from '@icn/monitor'
import { parse } from 'yaml'
import { loadConfiguration } from '../apps/node/src/config/load.ts'
import { environmentName, settings } from '../apps/node/src/config/settings.ts'
import { findPromtool } from './setup-prometheus.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const promtool = findPromtool()
const skip = promtool === undefined ? 'no promtool on this machine: npm run setup:promtool' : false

interface Rule {
  readonly alert: string
  readonly expr: string
  readonly labels: { readonly severity: string; readonly rule: string }
}

interface Service {
  readonly image: string
  readonly build?: { readonly context: string; readonly dockerfile: string }
  readonly environment?: Readonly<Record<string, string>>
  readonly ports?: readonly string[]
  readonly volumes?: readonly string[]
}

const rules: readonly Rule[] = parse(read('ops/prometheus/icn-alerts.yml')).groups.flatMap(
  ({ rules: own }: { rules: Rule[] }) => own,
)
/** docs/monitoring.md lists what /metrics has; a test of the HTTP interface holds the two against each other. */
const metrics = new Set([...read('docs/monitoring.md').matchAll(/^\| `(icn_\w+)`/gm)].map(([, name]) => name))

for (const [name, args] of [
  ['the alert rules are valid', ['check', 'rules', 'ops/prometheus/icn-alerts.yml']],
  ['the scrape configuration is valid', ['check', 'config', 'ops/prometheus/prometheus.yml']],
  ['each alert fires where it must, and not beside it', ['test', 'rules', 'ops/prometheus/icn-alerts.test.yml']],
] as const) {
  test(`promtool: ${name}`, { skip }, () => {
    const { status, stdout, stderr } = spawnSync(promtool ?? '', [...args], { cwd: root, encoding: 'utf8' })
    assert.equal(status, 0, stdout + stderr)
  })
}

test('Prometheus has the alerts of the monitor under the same names, and one for a node that is gone', () => {
  assert.deepEqual(rules.map(({ labels }) => labels.rule).sort(), [...ALERT_RULES, 'node-down'].sort())
})

test('every rule is tried in the test of the rules, and has a part of its own in the guide', () => {
  const tried = read('ops/prometheus/icn-alerts.test.yml')
  const guide = read('docs/operating.md')
  for (const { alert, labels } of rules) {
    assert.ok(new RegExp(`rule: .${labels.rule}\\b`).test(tried), `${alert} is not tried`)
    assert.ok(guide.includes(`\n#### ${labels.rule}\n`), `docs/operating.md says nothing of ${labels.rule}`)
  }
})

test('rules and dashboard ask only for metrics that there are', () => {
  const dashboard = JSON.parse(read('ops/grafana/icn-network.json'))
  const targets = dashboard.panels.flatMap((panel: { targets: { expr: string }[] }) => panel.targets)
  const asked = [...rules.map(({ expr }) => expr), ...targets.map(({ expr }: { expr: string }) => expr)]
  assert.ok(targets.length >= dashboard.panels.length && dashboard.panels.length > 10)
  for (const expression of asked) {
    const names = expression.match(/\bicn_\w+/g) ?? []
    assert.ok(names.length > 0 || expression.startsWith('up{'), `${expression} asks for nothing`)
    for (const name of names) assert.ok(metrics.has(name), `${name} in ${expression} is no metric`)
  }
})

test('every panel stands in a place of its own', () => {
  const { panels } = JSON.parse(read('ops/grafana/icn-network.json'))
  const taken = new Set<string>()
  for (const { gridPos, title } of panels)
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++)
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
        assert.ok(x < 24 && !taken.has(`${x} ${y}`), `${title} lies over another panel, or beside the page`)
        taken.add(`${x} ${y}`)
      }
})

test('the Compose file has four validators that know each other, and mounts what there is', () => {
  const folder = join(root, 'ops/container')
  const { services, volumes } = parse(read('ops/container/compose.yaml'), { merge: true })
  const nodes = Object.entries<Service>(services).filter(([, { image }]) => image === 'icn-node')
  assert.equal(nodes.length, 4)
  const ports = new Set<string>()
  for (const [name, { environment, ports: own, build }] of nodes) {
    const others = (environment?.ICN_MONITOR_NODES ?? '').split(',')
    const named = nodes.map(([other]) => other).filter((other) => other !== name)
    assert.deepEqual(others.sort(), named.map((other) => `http://${other}:7420`).sort())
    for (const port of own ?? []) {
      assert.match(port, /^127\.0\.0\.1:\d+:7420$/, 'open on loopback only')
      assert.ok(!ports.has(port))
      ports.add(port)
    }
    assert.ok(build !== undefined && existsSync(join(folder, build.context, build.dockerfile)))
  }
  for (const service of Object.values<Service>(services))
    for (const mount of service.volumes ?? []) {
      const source = mount.split(':', 1)[0] ?? ''
      assert.ok(source.startsWith('.') ? existsSync(join(folder, source)) : source in volumes, `${source} is not there`)
    }
})

test('the settings of each container are right, and so are the commands that the Compose file begins with', () => {
  const text = read('ops/container/compose.yaml')
  const services: Readonly<Record<string, Service>> = parse(text, { merge: true }).services
  const commands = [...text.matchAll(/^# {3}docker compose run --rm (\w+) (init|join) (.+)$/gm)]
  assert.deepEqual(
    commands.map(([, name, command]) => `${command} ${name}`),
    ['init north', 'join east', 'join south', 'join west'],
  )
  for (const [, name = '', , words = ''] of commands) {
    const flags = words.match(/--cometbft-external-address \S+/)?.[0].split(' ') ?? []
    const { values, origins } = loadConfiguration(flags, services[name]?.environment ?? {})
    assert.equal(values['cometbft.externalAddress'], `${name}:26656`)
    assert.equal(values['cometbft.privateNetwork'], true)
    assert.equal(origins['monitor.nodes'], 'environment')
  }
})

test('docker compose reads the Compose file', {
  skip: hasCompose() ? false : 'no docker compose on this machine',
}, () => {
  const args = ['compose', '-f', 'ops/container/compose.yaml', 'config', '--quiet']
  const { status, stderr } = spawnSync('docker', args, { cwd: root, encoding: 'utf8' })
  assert.equal(status, 0, stderr)
})

test('files for operators name only settings that there are', () => {
  const known = new Set([...settings.map(({ key }) => environmentName(key)), 'ICN_HOME'])
  for (const file of ['ops/container/compose.yaml', 'ops/container/Containerfile', 'ops/systemd/icn-node.service'])
    for (const name of read(file).match(/\bICN_[A-Z_]+/g) ?? []) assert.ok(known.has(name), `${file}: ${name}`)
})

test('the container builds the CometBFT that the project pins, and starts a file that is there', () => {
  const text = read('ops/container/Containerfile')
  const [, built] = /cmd\/cometbft@v([\d.]+)/.exec(text) ?? []
  const [, copied] = /cometbft\/v([\d.]+)\/cometbft/.exec(text) ?? []
  assert.deepEqual([built, copied], [COMETBFT_VERSION, COMETBFT_VERSION])
  const [, entry = ''] = /ENTRYPOINT \["node", "([^"]+)"\]/.exec(text) ?? []
  assert.ok(existsSync(join(root, entry)), entry)
})

const analyze = spawnSync('systemd-analyze', ['--version']).status === 0
test('systemd reads the unit', { skip: analyze ? false : 'no systemd-analyze on this machine' }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'icn-unit-'))
  try {
    const unit = join(folder, 'icn-node.service')
    // The program stands at this place on an operator's machine, not here.
    writeFileSync(
      unit,
      read('ops/systemd/icn-node.service').replaceAll('/opt/icn/node_modules/.bin/icn-node', process.execPath),
    )
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', unit], { encoding: 'utf8' })
    assert.deepEqual([status, stderr.split('\n').filter((line) => line.includes(dirname(unit)))], [0, []])
  } finally {
    rmSync(folder, { recursive: true })
  }
})

function hasCompose(): boolean {
  return spawnSync('docker', ['compose', 'version']).status === 0
}
