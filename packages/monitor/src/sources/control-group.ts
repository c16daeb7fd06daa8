import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

interface Limit {
  readonly usedBytes: number
  readonly limitBytes: number
}

/**
 * Memory that the control group of this process may have and uses, without file pages that the kernel drops when memory is
 * short: with them, every node that reads its database would seem to be full. The same number evicts a pod of Kubernetes.
 *
 * @param groups - `/proc/self/cgroup`
 * @param root - `/sys/fs/cgroup`
 * @returns `undefined` where there is no group with a limit, or another system
 */
export async function readControlGroup(
  groups = '/proc/self/cgroup',
  root = '/sys/fs/cgroup',
): Promise<Limit | undefined> {
  const text = await readFile(groups, 'utf8').catch(() => '')
  const own = /^0::(\/.*)$/m.exec(text)?.[1]
  const old = /^\d+:(?:[^:]*,)?memory(?:,[^:]*)?:(\/.*)$/m.exec(text)?.[1]
  // Inside a container the path may be that of outside, and the group is at the top.
  const places: readonly (readonly [folder: string, names: Names])[] = [
    ...(old === undefined
      ? []
      : [join(root, 'memory', old), join(root, 'memory')].map((folder) => [folder, V1] as const)),
    ...(own === undefined ? [] : [join(root, own), root].map((folder) => [folder, V2] as const)),
  ]
  for (const [folder, names] of places) {
    const limit = await readGroup(folder, names)
    if (limit !== undefined) return limit
  }
  return undefined
}

interface Names {
  readonly limit: string
  readonly used: string
  readonly cache: RegExp
}

const V1: Names = {
  limit: 'memory.limit_in_bytes',
  used: 'memory.usage_in_bytes',
  cache: /^total_inactive_file (\d+)$/m,
}
const V2: Names = { limit: 'memory.max', used: 'memory.current', cache: /^inactive_file (\d+)$/m }

async function readGroup(folder: string, names: Names): Promise<Limit | undefined> {
  const read = (name: string) => readFile(join(folder, name), 'utf8').catch(() => '')
  const [limit, used, stat] = await Promise.all([read(names.limit), read(names.used), read('memory.stat')])
  // `max`, and nothing at all, stand for no limit.
  if (!/^\d+\n?$/.test(limit) || !/^\d+\n?$/.test(used)) return undefined
  const cache = Number(names.cache.exec(stat)?.[1] ?? 0)
  return { limitBytes: Number(limit), usedBytes: Math.max(0, Number(used) - cache) }
}
