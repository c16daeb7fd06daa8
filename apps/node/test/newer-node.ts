/** The whole of `icn-node` with newer rules: what a network goes on with that decided on an upgrade. */
import { runProcess } from '@icn/node'
import { REVISIONS } from '@icn/state-machine'
import { NEWER_RULES } from './newer-rules.ts'

await runProcess(process.argv.slice(2), { revisions: [...REVISIONS, NEWER_RULES] })
