/** What differs between the nodes of a network. Addresses are as CometBFT writes them: `tcp://127.0.0.1:26657`. */
export interface CometConfigOptions {
  /** A name for people, in logs and among peers. */
  readonly moniker: string
  /** Where the node answers ABCI: `unix:///path` (at most 107 bytes of path) or `tcp://127.0.0.1:26658`. */
  readonly proxyApp: string
  readonly rpcListen: string
  readonly p2pListen: string
  /** Where peers reach the node, `host:port`; without it they find out by themselves. */
  readonly externalAddress?: string
  /** `<node id>@host:port`, kept connected. */
  readonly persistentPeers?: readonly string[]
  /** Peers on loopback or a private network: several at one address, and addresses that are not routable. */
  readonly privateNetwork?: boolean
  /** Prometheus endpoint of CometBFT, `127.0.0.1:26660`; without it there is none. */
  readonly prometheusListen?: string
  readonly stateSync?: StateSyncSource
  /** Without transactions a block comes this often; default 5,000. */
  readonly emptyBlocksMs?: number
  /** Pause after a block, for votes that come late and transactions that may share the next block. */
  readonly timeoutCommitMs?: number
  /** Whether it pauses also where all votes have come; default: no. */
  readonly alwaysPauses?: boolean
  /** Transactions that may wait in CometBFT's pool; the same as `poolSize` of the engine. */
  readonly mempoolSize?: number
  readonly logLevel?: 'debug' | 'info' | 'error' | 'none'
}

/** From where a node that joins takes a snapshot, and the block that it trusts. */
export interface StateSyncSource {
  /** At least two, `http://host:26657`; the same may be named twice. */
  readonly rpcServers: readonly string[]
  readonly trustHeight: number
  /** Hash of that block's header, hex. */
  readonly trustHash: string
  /** Validators answer with their place in the network for so long. */
  readonly trustPeriodMs: number
}

/**
 * Transactions that wait in the pool of a node, at most, where nothing else is said: some seconds of work. PERF: all that
 * waits is checked again after each block, on every node, so a longer queue slows down what it waits for.
 */
export const MEMPOOL_SIZE = 5_000
/** Of 32 bytes each: transactions of the last minutes, which peers may still be handing on. */
const CACHE_SIZE = 80_000
const MIB = 1024 * 1024

type Value = string | number | boolean | readonly string[]

/**
 * The text of CometBFT's `config.toml`. What is not here keeps CometBFT's default.
 *
 * @see https://docs.cometbft.com/v0.38/core/configuration
 */
export function cometConfig(options: CometConfigOptions): string {
  const { moniker, proxyApp, logLevel = 'info' } = options
  const top = {
    moniker,
    proxy_app: proxyApp,
    abci: 'socket',
    db_backend: 'goleveldb',
    log_level: logLevel,
    log_format: 'json',
  }
  const sections: Readonly<Record<string, Readonly<Record<string, Value>>>> = {
    rpc: rpc(options),
    p2p: p2p(options),
    mempool: mempool(options),
    statesync: stateSync(options),
    consensus: consensus(options),
    // The store keeps results and indexes transactions; CometBFT need not do it again.
    storage: { discard_abci_responses: true },
    tx_index: { indexer: 'null' },
    instrumentation: {
      prometheus: options.prometheusListen !== undefined,
      prometheus_listen_addr: options.prometheusListen ?? '',
    },
  }
  const parts = Object.entries(sections).map(([name, values]) => `\n[${name}]\n${lines(values)}`)
  return [lines(top), ...parts].join('')
}

function rpc({ rpcListen }: CometConfigOptions): Readonly<Record<string, Value>> {
  // A node hands over many transactions in one request.
  return { laddr: rpcListen, max_request_batch_size: 1_000, max_body_bytes: 16 * MIB, cors_allowed_origins: [] }
}

function p2p(options: CometConfigOptions): Readonly<Record<string, Value>> {
  const { p2pListen, externalAddress = '', persistentPeers = [], privateNetwork = false } = options
  return {
    laddr: p2pListen,
    external_address: externalAddress,
    persistent_peers: persistentPeers.join(','),
    // Strangers may take every place for peers, and these still find one.
    unconditional_peer_ids: persistentPeers.map((peer) => peer.slice(0, peer.indexOf('@'))).join(','),
    addr_book_strict: !privateNetwork,
    allow_duplicate_ip: privateNetwork,
    flush_throttle_timeout: '10ms',
    send_rate: 20 * MIB,
    recv_rate: 20 * MIB,
  }
}

function mempool({ mempoolSize = MEMPOOL_SIZE }: CometConfigOptions): Readonly<Record<string, Value>> {
  return {
    type: 'flood',
    recheck: true,
    // Rechecks of a full pool: CometBFT forgets answers that come later.
    recheck_timeout: '10s',
    broadcast: true,
    size: mempoolSize,
    max_txs_bytes: 256 * MIB,
    // Those that wait and those of some blocks before them, so that gossip of old ones is not checked again.
    cache_size: Math.max(CACHE_SIZE, 4 * mempoolSize),
    'keep-invalid-txs-in-cache': false,
    max_tx_bytes: MIB,
  }
}

function stateSync({ stateSync: source }: CometConfigOptions): Readonly<Record<string, Value>> {
  if (source === undefined) return { enable: false }
  return {
    enable: true,
    rpc_servers: source.rpcServers.join(','),
    trust_height: source.trustHeight,
    trust_hash: source.trustHash,
    trust_period: milliseconds(source.trustPeriodMs),
    discovery_time: '5s',
  }
}

function consensus(options: CometConfigOptions): Readonly<Record<string, Value>> {
  const { emptyBlocksMs = 5_000, timeoutCommitMs = 100, alwaysPauses = false } = options
  return {
    timeout_propose: '1s',
    timeout_propose_delta: '500ms',
    timeout_prevote: '500ms',
    timeout_prevote_delta: '500ms',
    timeout_precommit: '500ms',
    timeout_precommit_delta: '500ms',
    timeout_commit: milliseconds(timeoutCommitMs),
    // The pause is for votes that come late; where all have come, nobody else waits.
    skip_timeout_commit: !alwaysPauses,
    create_empty_blocks: emptyBlocksMs === 0,
    create_empty_blocks_interval: milliseconds(emptyBlocksMs),
    peer_gossip_sleep_duration: '10ms',
  }
}

function milliseconds(count: number): string {
  return `${count}ms`
}

/** A JSON string is a basic string of TOML, and a JSON list of strings a list of them. */
function lines(values: Readonly<Record<string, Value>>): string {
  return Object.entries(values)
    .map(([key, value]) => `${key} = ${JSON.stringify(value)}\n`)
    .join('')
}
