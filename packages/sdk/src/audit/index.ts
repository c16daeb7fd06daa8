export type { AuditCheck } from './check.ts'
export { type BundleResult, type BundleVerdict, verifyBundle } from './verify-bundle.ts'
