/** Everything that can be configured, once: names in files, environment and flags follow from `key`. */
interface SettingOf<K extends string, T> {
  readonly key: K
  readonly initial: T
  readonly about: string
  /** What is wrong with a value of the right type; `undefined`: nothing. */
  readonly fault?: (value: T) => string | undefined
}

const setting = <const K extends string, T extends string | number>(
  key: K,
  initial: T,
  about: string,
  fault?: (value: T) => string | undefined,
): SettingOf<K, T extends number ? number : string> =>
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

const LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']

export const settings = [
  setting('network.name', 'My cooperative network', 'name of a new network; a network that exists keeps its own'),
  setting('http.host', '127.0.0.1', 'address to listen on; behind a proxy leave it at loopback'),
  setting('http.port', 7420, 'port of the HTTP interface; 0 takes a free one', range(0, 65_535)),
  setting('http.bodyLimitBytes', 1_048_576, 'largest request body; a batch counts as one', range(65_536, 67_108_864)),
  setting('http.requestsPerSecond', 20_000, 'requests of one address in a second, on average', range(1, 1_000_000)),
  setting('http.connections', 10_000, 'connections at once', range(1, 1_000_000)),
  setting('consensus.idleMs', 600_000, 'a block comes at least this often', range(1_000, 3_000_000)),
  setting('consensus.maxWaiting', 16_000, 'transactions that may wait for a block', range(1, 1_000_000)),
  setting('store.cacheBytes', 67_108_864, 'memory for rows read often', range(1_048_576, 17_179_869_184)),
  setting('store.keepBlocks', 0, 'latest blocks that are kept; 0 keeps all', range(0, 1_000_000_000)),
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
  setting('log.level', 'info', `one of ${LEVELS.join(', ')}`, (value) =>
    LEVELS.includes(value) ? undefined : `expected one of ${LEVELS.join(', ')}`,
  ),
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
