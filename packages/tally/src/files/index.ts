export { writeCsv } from './ballot-csv.ts'
export { writeBlt } from './blt.ts'
export { type MalformedCode, MalformedFile, TallyRefused, UnwritableProfile } from './malformed-file.ts'
export { writePabulib } from './pabulib.ts'
export { parseProfile } from './parse.ts'
export { writeSoc, writeSoi, writeToc, writeToi } from './preflib.ts'
export {
  type BudgetBallot,
  type BudgetProfile,
  type BudgetProject,
  completeOrder,
  type Profile,
  type RankedBallots,
  type RankedProfile,
  rankingsOf,
  type TableProfile,
  type VoteType,
} from './profile.ts'
export { renderReport } from './render.ts'
export {
  type BudgetReport,
  type ElectionReport,
  reportDigest,
  type TallyMethod,
  type TallyOptions,
  type TallyReport,
  tallyFile,
  tallyProfile,
} from './report.ts'
export { decodeFile } from './source.ts'
