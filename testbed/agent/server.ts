import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { EzoneError } from '@ezone/sdk/errors'
import { asEzoneError } from '../face/failure.ts'
import type { AgentEvent, StreamEnd } from './events.ts'
import type { Journal } from './journal.ts'

const bodyBytesMax = 1024 * 1024

/** What the agent can be asked. A query answers once; a verb runs alone and streams its events. */
export interface AgentApi {
  readonly queries: Readonly<Record<string, (body: unknown, signal: AbortSignal) => Promise<unknown>>>
  readonly run: (verb: string, body: unknown) => Promise<unknown>
}

/** Serves an API over a Unix socket, for this user alone (the folder around it is 0700). */
export async function serve(socket: string, api: AgentApi, journal: Journal): Promise<Server> {
  await rm(socket, { force: true })
  const server = createServer((request, response) => {
    answer(request, response, api, journal).catch((error) => {
      if (!response.headersSent) return respond(response, { ok: false, error: asEzoneError(error).toJSON() })
      response.end()
    })
  })
  server.listen(socket)
  await once(server, 'listening')
  return server
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  api: AgentApi,
  journal: Journal,
): Promise<void> {
  const path = request.url ?? '/'
  const body = await bodyOf(request)
  if (request.method === 'POST' && path.startsWith('/run/'))
    return stream(response, journal, () => api.run(path.slice('/run/'.length), body))
  const found = api.queries[`${request.method} ${path}`]
  // `DELETE /faults/f3` is `DELETE /faults/:id` of {id: 'f3'}.
  const [, folder, id] = /^(.+)\/([^/]+)$/.exec(path) ?? []
  const query = found ?? api.queries[`${request.method} ${folder}/:id`]
  if (query === undefined)
    throw new EzoneError('EZ_OTHER_VERSION', `this agent does not know ${request.method} ${path}`)
  const left = new AbortController()
  response.on('close', () => left.abort(new EzoneError('EZ_INTERRUPTED', 'nobody waits for the answer any more')))
  respond(response, { ok: true, data: await query(found ? body : { id }, left.signal) })
}

/** NDJSON: events while the verb runs, then one line with its result or its error. A reader that left is no reason to stop. */
async function stream(response: ServerResponse, journal: Journal, run: () => Promise<unknown>): Promise<void> {
  response.writeHead(200, { 'content-type': 'application/x-ndjson' })
  // At once: the caller listens for Ctrl-C from the moment it is heard.
  response.flushHeaders()
  const write = (line: AgentEvent | StreamEnd) => response.writable && response.write(`${JSON.stringify(line)}\n`)
  using _ = journal.subscribe(write)
  try {
    write({ type: 'result', data: await run() })
  } catch (error) {
    write({ type: 'error', error: asEzoneError(error).toJSON() })
  }
  response.end()
}

function respond(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > bodyBytesMax)
      throw new EzoneError('EZ_USAGE', `a question of more than ${bodyBytesMax} bytes is not heard`)
    chunks.push(chunk)
  }
  return length === 0 ? undefined : JSON.parse(Buffer.concat(chunks).toString('utf8'))
}
