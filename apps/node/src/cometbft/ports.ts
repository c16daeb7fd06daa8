import { once } from 'node:events'
import { createServer } from 'node:net'
import { SetupError } from '../setup-error.ts'

/**
 * Tries whether this node or its CometBFT could listen there, and lets go again.
 *
 * @param what - whose port it is, in words; @param flag - the setting that names another
 * @throws SetupError `PORT_IN_USE`
 */
export async function checkPortFree(host: string, port: number, what: string, flag: string): Promise<void> {
  const server = createServer()
  try {
    server.listen({ host, port, exclusive: true })
    await once(server, 'listening')
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    const why = code === 'EADDRINUSE' ? 'another process has it' : String(code ?? cause)
    const advice = `end that process (ss -ltnp "sport = :${port}" shows it), or name another port with ${flag}`
    throw new SetupError('PORT_IN_USE', `${host}:${port}, ${what}, cannot be used: ${why}`, advice, { cause })
  } finally {
    server.close()
  }
}
