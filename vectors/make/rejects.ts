import { ExecutionFailure, rejects } from '@icn/protocol'

export function makeRejects(): unknown {
  return { codes: rejects, executionFailures: Object.values(ExecutionFailure) }
}
