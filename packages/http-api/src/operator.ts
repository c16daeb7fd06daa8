import type { IncomingMessage } from 'node:http'
import type { HttpConfig } from './context.ts'

const FORWARDED = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via']
const LOOPBACK = /^(?:127\.\d+\.\d+\.\d+|::1|::ffff:127\.\d+\.\d+\.\d+)$/
const LOOPBACK_HOST = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::\d+)?$/i

/**
 * Whether somebody may see what concerns this machine alone: disk, memory, addresses of peers. With `monitor.machine =
 * loopback` that is whoever asks on this machine itself: not through a proxy, which adds a header or speaks HTTP/1.0, and
 * not through a page whose name leads here (DNS rebinding), which another host name gives away.
 */
export function isOperator({ machine }: Pick<HttpConfig, 'machine'>, request: IncomingMessage): boolean {
  if (machine !== 'loopback') return machine === 'everybody'
  const { headers, socket, httpVersion } = request
  return (
    LOOPBACK.test(socket.remoteAddress ?? '') &&
    LOOPBACK_HOST.test(headers.host ?? '') &&
    httpVersion !== '1.0' &&
    FORWARDED.every((name) => headers[name] === undefined)
  )
}
