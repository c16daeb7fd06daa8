import { once } from 'node:events'
import { createServer, type Server } from 'node:net'

/**
 * The ports from 10,000 to 26,599 in slots of a hundred: below those that systems give to outgoing connections and for
 * port 0 (from 32,768 on Linux, 49,152 elsewhere), and below the defaults of CometBFT.
 */
const FIRST_PORT = 10_000
const SLOT_PORTS = 100
const SLOTS = 166

/** Ports of this process that nobody has taken yet. */
let left = { next: 0, end: 0 }

/**
 * Takes ports on loopback, in a row, for processes that will listen there later, also again after an end. No other process
 * that asks here gets them: this one keeps the first port of its slot until it ends, and who finds that taken goes on to the
 * next slot. What a stranger listens on already is passed over.
 *
 * @param count - 1 to 99
 * @throws Error where all slots are taken
 */
export async function takePorts(count: number): Promise<number[]> {
  if (count >= SLOT_PORTS) throw new RangeError(`${count} ports in a row, at most ${SLOT_PORTS - 1}`)
  for (;;) {
    const first = left.next
    if (first + count > left.end) {
      left = await claimSlot()
      continue
    }
    left.next += count
    const ports = Array.from({ length: count }, (_, index) => first + index)
    const free = await Promise.all(ports.map(isFree))
    if (!free.includes(false)) return ports
  }
}

async function claimSlot(): Promise<typeof left> {
  for (let tries = 0; tries < SLOTS; tries++) {
    const first = FIRST_PORT + SLOT_PORTS * ((process.pid + tries) % SLOTS)
    const claim = await listenOn(first)
    // The claim lasts as long as the process, and does not make it last longer.
    claim?.unref()
    if (claim !== undefined) return { next: first + 1, end: first + SLOT_PORTS }
  }
  throw new Error(`all ${SLOTS} slots of ports are taken: do many tests still run?`)
}

async function isFree(port: number): Promise<boolean> {
  const server = await listenOn(port)
  if (server === undefined) return false
  server.close()
  await once(server, 'close')
  return true
}

/** `undefined` where another process listens. */
async function listenOn(port: number): Promise<Server | undefined> {
  const server = createServer().listen({ host: '127.0.0.1', port, exclusive: true })
  try {
    await once(server, 'listening')
    return server
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return undefined
    throw error
  }
}
