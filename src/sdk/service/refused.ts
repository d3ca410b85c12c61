import type { Duplex } from 'node:stream'
import { errorAnswer, StatusError } from './http.ts'

/** Requests that ended before any handler saw them whole, and answers that nobody took. */
export const refusals = ['headTooLarge', 'bodyTooLarge', 'tooSlow', 'malformed', 'notTaken'] as const
export type Refusal = (typeof refusals)[number]

/** Counts by kind since the start. */
export class Refused {
  readonly #counts = new Map<Refusal, number>(refusals.map((kind) => [kind, 0]))

  add(kind: Refusal): void {
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1)
  }

  get counts(): Readonly<Record<Refusal, number>> {
    return Object.fromEntries(this.#counts) as Record<Refusal, number>
  }
}

/** What is said of a head or a body that never became a request; undefined where nobody is left to hear it. */
export function refusalOf(error: NodeJS.ErrnoException): { kind: Refusal; refusal: StatusError } | undefined {
  if (error.code === 'HPE_HEADER_OVERFLOW')
    return { kind: 'headTooLarge', refusal: new StatusError(431, 'the head of the request is too large') }
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return { kind: 'tooSlow', refusal: new StatusError(408, 'the request did not arrive in time') }
  if (error.code?.startsWith('HPE_'))
    return { kind: 'malformed', refusal: new StatusError(400, 'the request is not well-formed HTTP/1.1') }
  return undefined
}

/** Answers on a socket that has no request, and closes it: what comes after a broken head cannot be understood. */
export function refuseOn(socket: Duplex, refusal: StatusError): void {
  if (!socket.writable) return void socket.destroy()
  const body = `${JSON.stringify(errorAnswer(refusal).body)}\n`
  const head = [
    `HTTP/1.1 ${refusal.status} ${reasons[refusal.status] ?? 'Refused'}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy())
}

const reasons: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
}
