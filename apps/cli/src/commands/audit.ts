import { verifyBundle } from '@icn/sdk'
import type { Command } from 'commander'
import { ExitCode } from '../cli-error.ts'
import { readBytes, writeBytes } from '../files.ts'
import { openSession, readAs } from '../session.ts'

export function auditCommands(program: Command): void {
  const audit = program.command('audit').description('recount decisions without trusting anybody')
  audit
    .command('export')
    .argument('<proposal>')
    .argument('<file>', 'where to write the bundle')
    .description('everything that proves one decision, in one file')
    .action(async (id: string, file: string, _: unknown, command: Command) => {
      const session = openSession(command)
      const bytes = await readAs(session, undefined, (client) => client.bundle(id))
      writeBytes(file, bytes)
      session.out.answer(
        { proposal: id, file, bytes: bytes.length },
        `${file}: ${bytes.length} bytes. Check it with: icn audit verify ${file}`,
      )
    })
  const verify = audit.command('verify').argument('<bundle>').description('check a bundle; needs no node')
  verify.action((file: string, _: unknown, command: Command) => verifyFile(file, command))
  program
    .command('verify', { hidden: true })
    .argument('<bundle>')
    .action((file: string, _: unknown, command: Command) => verifyFile(file, command))
}

function verifyFile(file: string, command: Command): void {
  const { out } = openSession(command)
  const verdict = verifyBundle(readBytes(file))
  out.answer(verdict, [
    ...verdict.checks.map(({ name, ok, detail }) => `${ok ? 'ok  ' : 'FAIL'} ${name}: ${detail}`),
    verdict.ok ? 'The decision is proved.' : 'The bundle proves nothing.',
  ])
  if (!verdict.ok) process.exitCode = ExitCode.REFUSED
}
