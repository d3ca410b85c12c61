import { type IncomingMessage, request } from 'node:http'
import { createInterface } from 'node:readline'
import { EzoneError } from '@ezone/sdk/errors'
import type { AgentEvent, StreamEnd } from './events.ts'
import { socketOf } from './socket.ts'

const answerMs = 10_000

/** What the agent says of itself; the first thing anybody asks. */
export interface Hello {
  readonly version: string
  readonly pid: number
  /** The verb at work, such as `up`; null when it rests. */
  readonly busy: string | null
}

/** Talks to the agent of one testbed over its Unix socket. */
export class AgentClient {
  readonly #socket: string

  constructor(folder: string) {
    this.#socket = socketOf(folder)
  }

  /** Null where no agent answers. */
  async hello(signal?: AbortSignal): Promise<Hello | null> {
    try {
      return (await this.ask('GET', '/hello', undefined, { ms: 2_000, ...(signal && { signal }) })) as Hello
    } catch (error) {
      if (EzoneError.is(error, 'EZ_NOT_RUNNING')) return null
      throw error
    }
  }

  /** One question, one answer. @throws the agent's own EzoneError, or EZ_NOT_RUNNING where there is no agent. */
  async ask(
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    body?: unknown,
    options: { readonly ms?: number; readonly signal?: AbortSignal } = {},
  ): Promise<unknown> {
    const limit = AbortSignal.timeout(options.ms ?? answerMs)
    const signal = options.signal ? AbortSignal.any([options.signal, limit]) : limit
    const text = await this.#send(method, path, body, signal)
      .then(textOf)
      .catch((error: unknown) => {
        if (!limit.aborted || EzoneError.is(error)) throw error
        throw new EzoneError('EZ_NOT_READY', 'the agent does not answer', { cause: error })
      })
    const answer = JSON.parse(text) as { ok: boolean; data?: unknown; error?: Parameters<typeof EzoneError.from>[0] }
    if (answer.error) throw EzoneError.from(answer.error)
    return answer.data
  }

  /**
   * Runs a verb and hears its events until it ends. When the signal fires, the agent is told to cancel and undo; the
   * stream is still read to its end, so that whoever pressed Ctrl-C sees the ground clean before the prompt returns.
   */
  async run(verb: string, body: unknown, onEvent: (event: AgentEvent) => void, signal: AbortSignal): Promise<unknown> {
    const response = await this.#send('POST', `/run/${verb}`, body)
    const cancel = () => void this.ask('POST', '/cancel').catch(() => undefined)
    if (signal.aborted) cancel()
    signal.addEventListener('abort', cancel, { once: true })
    try {
      for await (const line of createInterface({ input: response, crlfDelay: Number.POSITIVE_INFINITY })) {
        const message = JSON.parse(line) as AgentEvent | StreamEnd
        if (message.type === 'result') return message.data
        if (message.type === 'error') throw EzoneError.from(message.error)
        onEvent(message)
      }
    } catch (error) {
      if (EzoneError.is(error)) throw error
      throw new EzoneError('EZ_CANCELLED', `the agent ended before \`${verb}\` did`, { cause: error })
    } finally {
      signal.removeEventListener('abort', cancel)
    }
    throw new EzoneError('EZ_CANCELLED', `the agent ended before \`${verb}\` did`)
  }

  #send(method: string, path: string, body: unknown, signal?: AbortSignal): Promise<IncomingMessage> {
    const text = body === undefined ? '' : JSON.stringify(body)
    return new Promise((resolve, reject) => {
      const outgoing = request(
        {
          socketPath: this.#socket,
          method,
          path,
          headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) },
          ...(signal && { signal }),
        },
        resolve,
      )
      outgoing.on('error', (error: NodeJS.ErrnoException) => reject(unreachable(error)))
      outgoing.end(text)
    })
  }
}

function unreachable(error: NodeJS.ErrnoException): unknown {
  const noAgent = error.code === 'ENOENT' || error.code === 'ECONNREFUSED' || error.code === 'ECONNRESET'
  return noAgent ? new EzoneError('EZ_NOT_RUNNING', 'no agent answers for this testbed', { cause: error }) : error
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}
