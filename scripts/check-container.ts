/**
 * `node scripts/check-container.ts`: builds `ops/container/Containerfile` and runs a validator in it, where there is neither
 * Docker nor a registry of images: buildah, with a base of Debian's own packages and of this machine's Go, npm and pinned Node.
 * For Debian, as root: apt-get install buildah mmdebstrap. It takes minutes and a gigabyte in `.cache/container`, which git ignores.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, realpathSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const folder = join(root, '.cache/container')
const BASE = 'localhost/icn-base'
const IMAGE = 'localhost/icn-node'
/** Whatever storage there is on the machine is left alone. */
const STORAGE = ['--storage-driver', 'vfs', '--root', join(folder, 'storage'), '--runroot', join(folder, 'run')]
const READY_MS = 60_000

function run(program: string, args: readonly string[], isQuiet = false): string {
  console.error(`> ${program} ${args.join(' ').replaceAll(root, '')}`)
  const stdio = ['ignore', 'pipe', isQuiet ? 'ignore' : 'inherit'] as const
  const { status, stdout, error } = spawnSync(program, args, { cwd: root, encoding: 'utf8', stdio: [...stdio] })
  if (error !== undefined) throw new Error(`${program}: ${error.message}; apt-get install buildah mmdebstrap`)
  if (status !== 0) throw new Error(`${program} ended with ${status}:\n${stdout.slice(-2_000)}`)
  return stdout.trim()
}

const buildah = (...args: string[]) => run('buildah', [...STORAGE, ...args])
const isChrooted = ['--isolation', 'chroot', '--network', 'host']

/** Debian with Node, npm, Go, the certificates of this machine and the user that the Containerfile expects. */
function makeBase(): void {
  const debian = join(folder, 'debian.tar')
  const release = run('sh', ['-c', '. /etc/os-release && echo "$VERSION_CODENAME"'])
  if (!existsSync(debian)) run('mmdebstrap', ['--variant=minbase', '--include=ca-certificates', release, debian], true)
  const container = buildah('from', 'scratch')
  const npm = dirname(dirname(realpathSync(run('which', ['npm']))))
  const certificates = '/etc/ssl/certs/ca-certificates.crt'
  for (const [from, to] of [
    [debian, '/'],
    [process.execPath, '/usr/local/bin/node'],
    [npm, '/usr/local/lib/node_modules/npm'],
    [run('go', ['env', 'GOROOT']), '/usr/local/go'],
    [certificates, certificates],
  ] as const)
    buildah('add', '--quiet', container, from, to)
  const link = 'ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm'
  buildah('run', ...isChrooted, container, '--', 'sh', '-c', `useradd --create-home node && ${link}`)
  const path = '/usr/local/bin:/usr/local/go/bin:/usr/bin:/bin:/usr/sbin:/sbin'
  buildah('config', '--env', `PATH=${path}`, '--env', `NODE_EXTRA_CA_CERTS=${certificates}`, container)
  buildah('commit', '--rm', '--quiet', container, BASE)
}

/** A validator begins a network in the container, makes blocks, and ends when it is told to. */
async function tryNode(): Promise<void> {
  const container = buildah('from', IMAGE)
  const inside = (...args: string[]) => [
    'run',
    ...isChrooted,
    '--user',
    'node',
    container,
    '--',
    'node',
    ENTRY,
    ...args,
  ]
  console.error(
    buildah(...inside('init', '--name', 'Contained', '--cometbft-external-address', '127.0.0.1:28656', ...PORTS)),
  )
  const node = spawn('buildah', [...STORAGE, ...inside('start')], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    await isReady(node)
    const first = await heightOf()
    await new Promise((resolve) => setTimeout(resolve, 6_000))
    const second = await heightOf()
    if (second <= first) throw new Error(`no block came after ${first}`)
    console.log(`ok ${IMAGE}: blocks ${first} to ${second} in a container`)
  } finally {
    const ended = once(node, 'exit')
    node.kill('SIGTERM')
    console.log(`ended with ${String((await ended)[0])}`)
    buildah('rm', container)
  }
}

const ENTRY = 'apps/node/bin/icn-node.js'
const HTTP_PORT = 28_420
const PORTS = [
  ...['--http-port', String(HTTP_PORT), '--cometbft-p2p-port', '28656', '--cometbft-p2p-host', '127.0.0.1'],
  ...['--cometbft-rpc-port', '28657', '--cometbft-metrics-port', '28660', '--cometbft-private-network'],
]

async function isReady(node: ChildProcess): Promise<void> {
  const endMs = performance.now() + READY_MS
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${HTTP_PORT}/readyz`).catch(() => undefined)
    if (answer?.ok) return
    if (node.exitCode !== null || performance.now() > endMs) throw new Error('the node in the container is not ready')
    await new Promise((resolve) => setTimeout(resolve, 250))
  }
}

async function heightOf(): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${HTTP_PORT}/v1/network`)
  return ((await answer.json()) as { height: number }).height
}

mkdirSync(folder, { recursive: true })
try {
  makeBase()
  const bases = ['--build-arg', `BASE=${BASE}`, '--build-arg', `GO_BASE=${BASE}`]
  buildah(
    'build',
    ...isChrooted,
    '--pull-never',
    ...bases,
    '--ignorefile',
    'ops/container/Containerfile.dockerignore',
    '-f',
    'ops/container/Containerfile',
    '-t',
    IMAGE,
    '.',
  )
  await tryNode()
} finally {
  rmSync(join(folder, 'run'), { recursive: true, force: true })
}
