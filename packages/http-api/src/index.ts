export type { DevClockPort, HttpConfig, JoinFile, LightRpc } from './context.ts'
export { createHttpApi, type HttpApi, type HttpApiOptions } from './server.ts'
export { VERSION } from './version.ts'
