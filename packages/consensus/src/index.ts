export { type ApplicationOptions, createApplication } from './application/application.ts'
export type * from './port.ts'
