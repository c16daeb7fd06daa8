export * from './audit/index.ts'
export * from './client/index.ts'
export * from './lanes/index.ts'
export * from './wallet/index.ts'
