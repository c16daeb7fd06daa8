export * from './client/index.ts'
export * from './wallet/index.ts'
