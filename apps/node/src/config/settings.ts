/** Everything that can be configured, once: names in files, environment and flags follow from `key`. */
interface SettingOf<K extends string, T> {
  readonly key: K
  readonly initial: T
  readonly about: string
  /** What is wrong with a value of the right type; `undefined`: nothing. */
  readonly fault?: (value: T) => string | undefined
}

const setting = <const K extends string, T extends string | number | boolean>(
  key: K,
  initial: T,
  about: string,
  fault?: (value: T) => string | undefined,
): SettingOf<K, T extends number ? number : T extends boolean ? boolean : string> =>
  ({ key, initial, about, ...(fault === undefined ? {} : { fault }) }) as never

const range = (least: number, most: number) => (value: number) =>
  Number.isInteger(value) && value >= least && value <= most
    ? undefined
    : `expected an integer from ${least} to ${most}`

const READERS = ['loopback', 'everybody', 'nobody']

/** `https://a.example, https://b.example`: base URLs of nodes. */
export function nodeUrls(text: string): string[] {
  return text.split(',').flatMap((part) => (part.trim() === '' ? [] : [part.trim().replace(/\/+$/, '')]))
}

/** Each is asked every ten seconds. */
const MOST_NODES = 16

const isNodeUrl = (url: string) => /^https?:\/\/[^/?#@]+$/.test(url) && URL.canParse(url)

const oneOf = (words: readonly string[]) => (value: string) =>
  words.includes(value) ? undefined : `expected one of ${words.join(', ')}`

const ENGINES = ['solo', 'cometbft']
const LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']

const HOST_PORT = /^(?:\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+):(?:[1-9]\d{0,4})$/

const hostPort = (value: string) => (value === '' || HOST_PORT.test(value) ? undefined : 'expected host:port')

const peerList = (value: string) =>
  value === '' || value.split(',').every((peer) => isPeer(peer.trim())) ? undefined : 'expected id@host:port, …'

const hash = (value: string) => (/^(?:[0-9a-fA-F]{64})?$/.test(value) ? undefined : 'expected 64 hex digits')

/** `<40 hex digits>@host:port` */
export function isPeer(text: string): boolean {
  const [id = '', address = ''] = text.split('@')
  return /^[0-9a-f]{40}$/.test(id) && HOST_PORT.test(address)
}

export const settings = [
  setting('network.name', 'My cooperative network', 'name of a new network; a network that exists keeps its own'),
  setting('node.id', '', 'id of this node on the ledger, which makes it send heartbeats: n12-0-k3j5x2', (value) =>
    value === '' || /^n[0-9]{1,16}-[0-9]{1,10}-[a-z2-7]{6}$/.test(value)
      ? undefined
      : 'expected an id such as n12-0-k3j5x2',
  ),
  setting('http.host', '127.0.0.1', 'address to listen on; behind a proxy leave it at loopback'),
  setting('http.port', 7420, 'port of the HTTP interface; 0 takes a free one', range(0, 65_535)),
  setting('http.bodyLimitBytes', 1_048_576, 'largest request body; a batch counts as one', range(65_536, 67_108_864)),
  setting('http.requestsPerSecond', 20_000, 'requests of one address in a second, on average', range(1, 1_000_000)),
  setting('http.connections', 10_000, 'connections at once', range(1, 1_000_000)),
  setting(
    'consensus.engine',
    'solo',
    'solo: this node alone; cometbft: a network, which is the default where the folder cometbft stands',
    oneOf(ENGINES),
  ),
  setting('consensus.external', false, 'true: an operator runs CometBFT, and this node only listens for it'),
  setting('consensus.idleMs', 600_000, 'a block comes at least this often', range(1_000, 3_000_000)),
  setting('consensus.maxWaiting', 16_000, 'transactions that may wait for a block', range(1, 1_000_000)),
  setting(
    'consensus.answerWithinMs',
    30_000,
    'who has waited for a block of CometBFT for so long is told that it is not known what comes of it',
    range(100, 3_600_000),
  ),
  setting('cometbft.p2pHost', '0.0.0.0', 'address on which CometBFT listens for other nodes'),
  setting('cometbft.p2pPort', 26_656, 'port on which CometBFT listens for other nodes', range(1, 65_535)),
  setting('cometbft.rpcPort', 26_657, 'port of the RPC of CometBFT, on loopback', range(1, 65_535)),
  setting('cometbft.metricsPort', 26_660, 'port of the metrics of CometBFT, on loopback; 0: none', range(0, 65_535)),
  setting('cometbft.privateNetwork', false, 'true: the nodes are on one machine or in one private network'),
  setting('cometbft.externalAddress', '', 'host:port at which other nodes reach this one', hostPort),
  setting('cometbft.peers', '', 'nodes to stay connected to: id@host:port, separated by commas', peerList),
  setting(
    'cometbft.syncServers',
    '',
    'addresses for light blocks, to begin with a snapshot; empty: with the first block',
  ),
  setting('cometbft.syncHeight', 0, 'height that is trusted to begin with', range(0, Number.MAX_SAFE_INTEGER)),
  setting('cometbft.syncHash', '', 'hash of the block at that height, hex', hash),
  setting('cometbft.binary', '', 'the program; empty: the one that npm run setup:cometbft built'),
  setting('cometbft.timeoutCommitMs', 100, 'pause after a block, for votes that come late', range(0, 60_000)),
  setting('store.cacheBytes', 33_554_432, 'memory for rows read often', range(1_048_576, 17_179_869_184)),
  setting('store.keepBlocks', 0, 'latest blocks that are kept; 0 keeps all', range(0, 1_000_000_000)),
  setting(
    'snapshots.blocks',
    1_000,
    'a snapshot for nodes that join is made at heights that this divides; 0: none',
    range(0, 1_000_000_000),
  ),
  setting('crypto.threads', 1, 'threads that verify signatures', range(1, 16)),
  setting(
    'monitor.machine',
    'loopback',
    `who may see memory, disk and addresses of peers: ${READERS.join(', ')}`,
    (value) => (READERS.includes(value) ? undefined : `expected one of ${READERS.join(', ')}`),
  ),
  setting('monitor.nodes', '', 'other nodes to compare roots with: base URLs with commas between them', (value) =>
    nodeUrls(value).length <= MOST_NODES && nodeUrls(value).every(isNodeUrl)
      ? undefined
      : `expected up to ${MOST_NODES} addresses such as https://node.example, with commas between them`,
  ),
  setting('log.level', 'info', `one of ${LEVELS.join(', ')}`, oneOf(LEVELS)),
] as const

export type Setting = (typeof settings)[number]
export type SettingKey = Setting['key']
export type Settings = { readonly [S in Setting as S['key']]: S['initial'] }

/** `http.bodyLimitBytes` is `ICN_HTTP_BODY_LIMIT_BYTES`. */
export function environmentName(key: string): string {
  return `ICN_${words(key).join('_').toUpperCase()}`
}

/** `http.bodyLimitBytes` is `--http-body-limit-bytes`. */
export function flagName(key: string): string {
  return words(key).join('-')
}

function words(key: string): string[] {
  return key.split('.').flatMap((part) => part.replaceAll(/[A-Z]/g, (letter) => `.${letter.toLowerCase()}`).split('.'))
}
