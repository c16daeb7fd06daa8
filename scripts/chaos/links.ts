import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/**
 * How a link is cut. `silent`: connections stand and nothing passes, as where a network drops packets. `closed`: they end
 * and new ones are refused, as where a machine is gone.
 */
export type Cut = 'silent' | 'closed'

/** The way from one node's CometBFT to another's: a TCP proxy on loopback, which can be cut. */
export interface Link {
  readonly port: number
  cut(how: Cut): void
  heal(): void
  close(): Promise<void>
}

/** @param target - port of the other's CometBFT, asked for at each connection */
export async function openLink(target: () => number): Promise<Link> {
  const open = new Set<Socket>()
  let state: Cut | 'whole' = 'whole'
  const server = createServer((near) => {
    if (state === 'closed') {
      near.destroy()
      return
    }
    const far = connect({ port: target(), host: '127.0.0.1' })
    for (const socket of [near, far]) socket.pause()
    join(near, far)
    join(far, near)
    if (state === 'whole') for (const socket of [near, far]) socket.resume()
  })

  /** Written by hand and not with `pipe`, which would resume a socket by itself while the link is cut. */
  function join(from: Socket, to: Socket): void {
    open.add(from)
    from.on('data', (bytes) => {
      if (!to.write(bytes)) from.pause()
    })
    to.on('drain', () => {
      if (state === 'whole') from.resume()
    })
    from.on('error', () => {})
    from.on('close', () => {
      open.delete(from)
      to.destroy()
    })
  }

  function cut(how: Cut): void {
    state = how
    for (const socket of open) how === 'closed' ? socket.destroy() : socket.pause()
  }

  function heal(): void {
    state = 'whole'
    for (const socket of open) socket.resume()
  }

  async function close(): Promise<void> {
    cut('closed')
    server.close()
    await once(server, 'close')
  }

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { port: (server.address() as AddressInfo).port, cut, heal, close }
}
