/**
 * `node scripts/check-container.ts`: builds `ops/container/Containerfile` and runs a validator in it, where there is neither
 * Docker nor a registry of images: buildah, with a base of Debian's own packages and of this machine's Go, npm and pinned Node.
 * The Compose file is read by the loader that `docker compose` is made of. For Debian, as root: apt-get install buildah mmdebstrap. It takes minutes and a gigabyte in `.cache/container`, which git ignores.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, realpathSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const folder = join(root, '.cache/container')
const BASE = 'localhost/icn-base'
const GO_BASE = 'localhost/icn-go-base'
const IMAGE = 'localhost/icn-node'
const COMPOSE = 'github.com/compose-spec/compose-go/v2/cmd@v2.16.2'
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

const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt'

/** Debian with what the Containerfile expects of a base. @param additions - files and folders of this machine, and where they go */
function makeBase(image: string, additions: readonly (readonly [from: string, to: string])[], command: string): void {
  const debian = join(folder, 'debian.tar')
  const release = run('sh', ['-c', '. /etc/os-release && echo "$VERSION_CODENAME"'])
  if (!existsSync(debian))
    run('mmdebstrap', ['--variant=minbase', '--include=ca-certificates,libatomic1', release, debian], true)
  const container = buildah('from', 'scratch')
  buildah('add', '--quiet', container, debian, '/')
  for (const [from, to] of [...additions, [CERTIFICATES, CERTIFICATES]] as const)
    buildah('add', '--quiet', container, from, to)
  buildah('run', ...isChrooted, container, '--', 'sh', '-c', command)
  const path = '/usr/local/bin:/usr/local/go/bin:/usr/bin:/bin:/usr/sbin:/sbin'
  buildah('config', '--env', `PATH=${path}`, '--env', `NODE_EXTRA_CA_CERTS=${CERTIFICATES}`, container)
  buildah('commit', '--rm', '--quiet', container, image)
}

function makeBases(): void {
  const npm = dirname(dirname(realpathSync(run('which', ['npm']))))
  makeBase(GO_BASE, [[run('go', ['env', 'GOROOT']), '/usr/local/go']], 'true')
  const node = [
    [process.execPath, '/usr/local/bin/node'],
    [npm, '/usr/local/lib/node_modules/npm'],
  ] as const
  makeBase(BASE, node, 'useradd --create-home node && ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm')
}

/** Builds the image; what Go has fetched and built on this machine before is used again. */
function build(): void {
  const bases = ['--build-arg', `BASE=${BASE}`, '--build-arg', `GO_BASE=${GO_BASE}`]
  const caches = [
    [run('go', ['env', 'GOCACHE']), '/root/.cache/go-build'],
    [run('go', ['env', 'GOMODCACHE']), '/root/go/pkg/mod'],
  ].flatMap(([here, there]) => ['--volume', `${here}:${there}`])
  const files = ['--ignorefile', 'ops/container/Containerfile.dockerignore', '-f', 'ops/container/Containerfile']
  buildah('build', ...isChrooted, '--pull-never', ...bases, ...caches, ...files, '-t', IMAGE, '.')
}

/** Reads the Compose file as `docker compose config` does: schema, references, interpolation. */
function checkCompose(): void {
  run('go', ['run', COMPOSE, 'ops/container/compose.yaml'])
  console.log('ok ops/container/compose.yaml')
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
  const node = spawn('buildah', [...STORAGE, ...inside('start')], { cwd: root, stdio: ['ignore', 'inherit', 'pipe'] })
  let log = ''
  node.stderr.on('data', (text) => {
    log += text
    process.stderr.write(text)
  })
  const ended = once(node, 'exit')
  try {
    await isReady(node)
    const first = await heightOf()
    await new Promise((resolve) => setTimeout(resolve, 6_000))
    const second = await heightOf()
    if (second <= first) throw new Error(`no block came after ${first}`)
    console.log(`ok ${IMAGE}: blocks ${first} to ${second} in a container`)
    // buildah hands no signals on; a container of this isolation has the process ids of the machine.
    process.kill(Number(/"pid":(\d+)/.exec(log)?.[1]), 'SIGTERM')
    const [code] = (await ended) as [number | null]
    if (code !== 0) throw new Error(`the node ended with ${code} at SIGTERM`)
    console.log('ok it ends in order')
  } finally {
    node.kill('SIGKILL')
    await ended
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
  checkCompose()
  makeBases()
  build()
  await tryNode()
} finally {
  rmSync(join(folder, 'run'), { recursive: true, force: true })
}
