import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { createFrameReader } from './frames.ts'

/** Answers one request in the order in which requests of a connection came; both are whole protobuf messages. */
export interface AbciHandler {
  /**
   * @param isFirst - whether it opens its connection
   * @returns the answer as a frame; at once where that is possible. `undefined`: bytes that are no request
   */
  answer(request: Uint8Array, isFirst: boolean): Uint8Array | Promise<Uint8Array> | undefined
}

export interface AbciServer {
  /** What to give CometBFT as `proxy_app`. */
  readonly address: string
  /** Ends every connection; CometBFT ends with them. */
  close(): Promise<void>
}

/** Where to listen: a Unix socket, or a port on loopback (0: any that is free). */
export type AbciAddress = { readonly path: string } | { readonly port: number }

/** CometBFT opens four; one that starts anew may do so before the last ones are gone. */
const MAX_CONNECTIONS = 16
/** Requests of a connection that may be without an answer; CometBFT holds back at 256 by itself. */
const MAX_UNANSWERED = 8_192

/** Serves ABCI 2.0 on a socket. A connection that sends something else is closed, and harms no other. */
export async function serveAbci(at: AbciAddress, handler: AbciHandler): Promise<AbciServer> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    if (sockets.size >= MAX_CONNECTIONS) return void socket.destroy()
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    serveConnection(socket, handler)
  })
  // What a process that was killed left behind; a live one holds the data folder, so nobody listens there.
  if ('path' in at) rmSync(at.path, { force: true })
  server.listen('path' in at ? { path: at.path } : { port: at.port, host: '127.0.0.1' })
  await once(server, 'listening')

  async function close(): Promise<void> {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    for (const socket of sockets) socket.destroySoon()
    await closed
  }

  return { address: addressOf(server), close }
}

function addressOf(server: Server): string {
  const address = server.address()
  if (typeof address === 'string') return `unix://${address}`
  return `tcp://127.0.0.1:${address?.port ?? 0}`
}

/** An answer's place in the order of its connection. */
interface Place {
  answer: Uint8Array | undefined
}

function serveConnection(socket: Socket, handler: AbciHandler): void {
  const reader = createFrameReader()
  const places: Place[] = []
  let first = true
  let writing = false

  // Whoever sent a request that breaks the machine, or garbage, finds the connection closed; no error leaves this place.
  socket.on('error', () => socket.destroy())
  socket.setNoDelay(true)
  socket.on('data', (chunk: Buffer) => {
    try {
      for (const request of reader.read(chunk)) take(request)
    } catch {
      return void socket.destroy()
    }
    write()
    if (places.length > MAX_UNANSWERED) socket.pause()
  })

  function take(request: Uint8Array): void {
    const place: Place = { answer: undefined }
    const answer = handler.answer(request, first)
    first = false
    if (answer === undefined) throw new Error('no request')
    places.push(place)
    if (answer instanceof Promise) void answer.then((bytes) => fill(place, bytes))
    else place.answer = answer
  }

  function fill(place: Place, answer: Uint8Array): void {
    place.answer = answer
    if (writing) return
    writing = true
    // PERF: after this turn's answers, so that hundreds of verdicts are one write.
    setImmediate(() => {
      writing = false
      write()
    })
  }

  /** Whatever is answered up to the first request that is not. */
  function write(): void {
    let count = 0
    const ready: Uint8Array[] = []
    for (; count < places.length; count++) {
      const answer = places[count]?.answer
      if (answer === undefined) break
      ready.push(answer)
    }
    if (count === 0) return
    places.splice(0, count)
    if (!socket.destroyed) socket.write(ready.length === 1 ? (ready[0] as Uint8Array) : Buffer.concat(ready))
    if (socket.isPaused() && places.length <= MAX_UNANSWERED) socket.resume()
  }
}
