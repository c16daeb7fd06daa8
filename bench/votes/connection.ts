import { once } from 'node:events'
import { connect } from 'node:net'

/** One kept-alive HTTP/1.1 connection on which a request follows the answer to the last. */
export interface Connection {
  post(path: string, body: Uint8Array): Promise<Answer>
  get(path: string): Promise<Answer>
  close(): void
}

/** Connections that share the requests; one that finds all of them busy waits for its turn. */
export interface Pool {
  post(path: string, body: Uint8Array): Promise<Answer>
  close(): void
}

export interface Answer {
  readonly status: number
  readonly body: string
}

/**
 * As little as a client can do: the load generator shares its processors with the node, and a whole HTTP client takes
 * as long for a request as the node does. Understands answers with a `content-length`, as the node gives them.
 */
export async function openConnection(url: URL): Promise<Connection> {
  const socket = connect({ host: url.hostname, port: Number(url.port), noDelay: true })
  await once(socket, 'connect')
  let received = ''
  let waiting: PromiseWithResolvers<Answer> | undefined
  socket.setEncoding('latin1')
  socket.on('data', (chunk: string) => {
    received += chunk
    const answer = parse(received)
    if (answer === undefined) return
    received = ''
    waiting?.resolve(answer)
  })
  socket.on('error', (error) => waiting?.reject(error))
  socket.on('close', () => waiting?.reject(new Error('the node closed the connection')))

  function post(path: string, body: Uint8Array): Promise<Answer> {
    waiting = Promise.withResolvers<Answer>()
    const head = `POST ${path} HTTP/1.1\r\nhost: ${url.host}\r\ncontent-type: application/octet-stream\r\ncontent-length: ${body.length}\r\n\r\n`
    socket.write(Buffer.concat([Buffer.from(head, 'latin1'), body]))
    return waiting.promise
  }

  function get(path: string): Promise<Answer> {
    waiting = Promise.withResolvers<Answer>()
    socket.write(`GET ${path} HTTP/1.1\r\nhost: ${url.host}\r\n\r\n`, 'latin1')
    return waiting.promise
  }

  return { post, get, close: () => socket.destroy() }
}

export async function openPool(url: URL, size: number): Promise<Pool> {
  const connections = await Promise.all(Array.from({ length: size }, () => openConnection(url)))
  const free = [...connections]
  const queue: ((connection: Connection) => void)[] = []

  async function post(path: string, body: Uint8Array): Promise<Answer> {
    const connection = free.pop() ?? (await new Promise<Connection>((resolve) => queue.push(resolve)))
    const answer = await connection.post(path, body)
    const next = queue.shift()
    if (next === undefined) free.push(connection)
    else next(connection)
    return answer
  }

  return { post, close: () => connections.forEach((connection) => void connection.close()) }
}

/** `undefined`: more has to come. */
function parse(received: string): Answer | undefined {
  const end = received.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  const length = Number(/\r\ncontent-length: (\d+)/i.exec(received.slice(0, end))?.[1])
  const body = received.slice(end + 4)
  return body.length < length ? undefined : { status: Number(received.slice(9, 12)), body }
}
