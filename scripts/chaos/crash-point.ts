/** Steps of a block at which a node can be killed, in their order. */
export const crashPoints = [
  'prepare-proposal',
  'process-proposal',
  'before-finalize',
  'after-finalize',
  'before-commit',
  'commit-under-way',
  'after-commit',
] as const
export type CrashPoint = (typeof crashPoints)[number]

/** `<point>:<n>`: the process dies when it comes to the point for the n-th time. */
export const CRASH_VARIABLE = 'CHAOS_CRASH'

export function crashVariable(point: CrashPoint, times: number): NodeJS.ProcessEnv {
  return { [CRASH_VARIABLE]: `${point}:${times}` }
}

/** @returns what to call at each step; it does not return from the one that was named */
export function readCrash(environment: NodeJS.ProcessEnv): (point: CrashPoint) => void {
  const [named, times = '1'] = (environment[CRASH_VARIABLE] ?? '').split(':')
  let left = Number(times)
  return (point) => {
    // No handler sees SIGKILL, and nothing is flushed: as where the power fails.
    if (point === named && --left === 0) process.kill(process.pid, 'SIGKILL')
  }
}
