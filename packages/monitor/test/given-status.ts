import type { Status } from '../src/index.ts'

export const START_MS = Date.UTC(2026, 0, 5)

/** A status in which nothing is wrong, of a network of four validators, with some of it changed. */
export function givenStatus(change: Partial<Status> = {}): Status {
  const names = ['north', 'east', 'south', 'west']
  return {
    timeMs: START_MS,
    engine: 'cometbft',
    height: 120,
    blockTimeMs: START_MS - 2_000,
    sinceBlockMs: 2_000,
    uptimeMs: 3_600_000,
    idleMs: 5_000,
    catchingUp: false,
    intervals: { blocks: 120, p50Ms: 5_000, p99Ms: 6_000 },
    round: { present: 0, late: 1, known: 100 },
    participation: 1,
    validators: names.map((name, index) => ({
      name,
      publicKey: `z6Mk${name}`,
      address: String(index).repeat(40),
      power: 1,
      proposed: 30,
      missed: 0,
      proposerShare: 0.25,
      isSigning: true,
      clockMs: index - 1,
      isThisNode: index === 0,
    })),
    peers: names.slice(1).map((moniker) => ({
      id: moniker,
      moniker,
      address: '192.0.2.7',
      direction: 'out' as const,
      version: '0.38.25',
      lag: 0,
    })),
    waiting: { count: 0, bytes: 0, ageMs: 0 },
    since: { overMs: 10_000, blocks: 2, lateBlocks: 0, transactions: { 0: 20 }, refused: {}, missed: {} },
    roots: { height: 120, appHash: 'ab'.repeat(32), modules: {}, contradictedBy: [], compared: 1 },
    nodes: [],
    versions: [{ version: 'icn 0.1.0', nodes: 1 }],
    clock: { behindMs: 40, ownMs: 0, spreadMs: 3 },
    machine: {
      memory: { processBytes: 200_000_000, usedBytes: 4_000_000_000, totalBytes: 8_000_000_000 },
      disk: { freeBytes: 50_000_000_000, totalBytes: 100_000_000_000 },
    },
    engineMetrics: null,
    unreachable: [],
    ...change,
  }
}

/** The same some samples later. */
export function after(status: Status, samples: number): Status {
  return { ...status, timeMs: status.timeMs + samples * 10_000 }
}
