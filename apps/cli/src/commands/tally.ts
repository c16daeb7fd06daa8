import { basename } from 'node:path'
import { decodeFile, MalformedFile, renderReport, type TallyOptions, TallyRefused, tallyFile } from '@icn/tally/files'
import type { Command } from 'commander'
import { CliError } from '../cli-error.ts'
import { readBytes } from '../files.ts'
import { parseCount } from '../parse.ts'
import { openSession } from '../session.ts'

export function tallyCommands(program: Command): void {
  program
    .command('tally')
    .argument('<file>', 'PrefLib .soc .soi .toc .toi, BLT, Pabulib .pb, or a CSV of ballots')
    .option('--method <method>', 'schulze, irv, stv, plurality, approval, score; equal-shares or greedy for budgets')
    .option('--seats <n>', 'how many to elect (stv)', parseCount)
    .option('--utility <utility>', 'cost or cardinality (budgets)')
    .option('--completion <rule>', 'none, add1 or add1u (equal-shares)')
    .description('count a file of ballots; needs no node')
    .action((file: string, options: TallyOptions, command: Command) => {
      const { out } = openSession(command)
      const { method, seats, utility, completion } = options as Record<string, never>
      const asked = Object.fromEntries(
        Object.entries({ method, seats, utility, completion }).filter(([, value]) => value !== undefined),
      )
      const report = count(file, asked)
      out.answer(report, renderReport(report))
    })
}

function count(file: string, options: TallyOptions): ReturnType<typeof tallyFile> {
  const bytes = readBytes(file)
  try {
    return tallyFile(decodeFile(bytes), basename(file), options)
  } catch (error) {
    if (error instanceof MalformedFile) {
      const { line, column } = error
      throw new CliError(error.code, `${file}:${line}:${column}: ${error.message}`, 'Correct the file at that place.')
    }
    if (error instanceof TallyRefused)
      throw new CliError(error.code, error.message, 'docs/tally.md says which methods fit which files.')
    throw error
  }
}
