import type { Socket } from 'node:net'
import { nodeProblem } from './problem.ts'

const REASONS: Readonly<Record<string, readonly [status: number, phrase: string, detail: string, hint: string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'Request Header Fields Too Large', 'The headers are too long.', 'Send fewer of them.'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'Request Timeout', 'The request took too long to arrive.', 'Send it again.'],
}
const OTHER = [
  400,
  'Bad Request',
  'This is no HTTP request.',
  'Speak HTTP/1.1, on the address that npm start prints.',
] as const

/** Answers what never became a request, and hangs up. */
export function answerMalformed(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const [status, phrase, detail, hint] = REASONS[error.code ?? ''] ?? OTHER
  const name = phrase.toUpperCase().replaceAll(' ', '_')
  const body = JSON.stringify(nodeProblem(status, name, detail, hint).problem)
  const head = `HTTP/1.1 ${status} ${phrase}\r\nContent-Type: application/problem+json\r\nContent-Length: ${Buffer.byteLength(body)}`
  socket.end(`${head}\r\nConnection: close\r\n\r\n${body}`)
}
