export { type Configuration, loadConfiguration } from './config/load.ts'
export { type RunningNode, startNode } from './node.ts'
export { replay } from './replay.ts'
export { type RulesOption, runProcess } from './run-process.ts'
