import { randomUUID } from 'node:crypto'
import {
  type Answer,
  type Call,
  type CityIndex,
  EzoneError,
  jsonBody,
  moveRequestSchema,
  type Route,
  type ServiceContext,
  type Subscriber,
  subscribersAnswerSchema,
  tableAckSchema,
} from '@ezone/sdk'
import type { z } from 'zod'
import { limits } from './limits.ts'
import type { Mover } from './mover.ts'
import type { Subscribers } from './subscribers.ts'
import type { TableBoard } from './table-board.ts'
import type { Truth } from './truth.ts'

export interface RoutesOptions {
  readonly context: Pick<ServiceContext, 'config'>
  readonly cities: CityIndex
  readonly board: TableBoard
  readonly truth: Truth
  readonly subscribers: Subscribers
  readonly mover: Mover
}

/** What GZS answers: the table and its followers, from memory; its history and moves, from the truth. */
export function routesOf({ context, cities, board, truth, subscribers, mover }: RoutesOptions): readonly Route[] {
  const get = (path: string, handle: Route['handle']): Route => ({ method: 'GET', path, handle })
  const post = (path: string, handle: Route['handle']): Route => ({ method: 'POST', path, handle })
  return [
    get('/table', ({ headers }) => {
      const { etag, body } = board.posted
      const same = headers['if-none-match'] === etag
      return same ? { status: 304, headers: { etag } } : { status: 200, headers: { etag }, body }
    }),
    get('/cities', ({ query }) => {
      const { cell, city, division, shard, point, population } = cities.find(asked(query, 'name'))
      return { status: 200, body: { cell, city, division, shard, ...point, population } }
    }),
    get('/history', () => ({ status: 200, body: { entries: truth.history.entries } })),
    get('/subscribe', ({ query }) => {
      const name = { name: asked(query, 'name'), kind: asked(query, 'kind'), place: asked(query, 'place') }
      return { status: 200, stream: (gone) => subscribers.follow(name, gone) }
    }),
    post('/acks', (call) => {
      subscribers.acknowledge(read(tableAckSchema, call))
      return { status: 204 }
    }),
    get('/subscribers', async ({ query, signal }) => {
      const { version } = board.posted.table
      const others = query.has('own') ? [] : await askPeers(context, signal)
      const all = [...subscribers.list(), ...others.flatMap((other) => other.subscribers ?? [])]
      const silent = others.filter((other) => other.subscribers === null).map((other) => other.place)
      return { status: 200, body: { version, subscribers: all.sort((a, b) => (a.name < b.name ? -1 : 1)), silent } }
    }),
    get('/unsettled', () => ({ status: 200, body: { shards: mover.unsettled.map(({ shard }) => shard) } })),
    post('/moves', async (call): Promise<Answer> => {
      const accepted = await mover.begin(read(moveRequestSchema, call), randomUUID(), call.signal)
      return { status: accepted.id === null ? 200 : 202, body: accepted }
    }),
    get('/moves/:shard', ({ params }) => {
      const entry = board.posted.table.shards.find(({ shard }) => String(shard) === params.shard)
      if (entry === undefined)
        throw new EzoneError('EZ_UNKNOWN_SHARD', `the routing table has no shard ${params.shard}`)
      return { status: 200, body: { move: truth.moves.get(entry.shard)?.value ?? null } }
    }),
  ]
}

function asked(query: URLSearchParams, name: string): string {
  const value = query.get(name)
  if (!value || value.length > 100) throw new EzoneError('EZ_BAD_REQUEST', `the query must have a ${name}=`)
  return value
}

export function read<T>(schema: z.ZodType<T>, call: Call): T {
  const result = schema.safeParse(jsonBody(call))
  if (result.success) return result.data
  const [issue] = result.error.issues
  throw new EzoneError('EZ_BAD_REQUEST', `the body is wrong: ${issue?.path.join('.')}: ${issue?.message}`)
}

interface Told {
  readonly place: string
  /** null where it does not answer. */
  readonly subscribers: readonly Subscriber[] | null
}

/** The subscribers of every other GZS. */
function askPeers({ config }: Pick<ServiceContext, 'config'>, signal: AbortSignal): Promise<readonly Told[]> {
  const others = (config.peers.gzs ?? []).filter(({ place }) => place !== config.place)
  return Promise.all(
    others.map(async ({ host, port, place }) => {
      const soon = AbortSignal.any([signal, AbortSignal.timeout(limits.askPeerMs)])
      try {
        const response = await fetch(`http://${host}:${port}/subscribers?own=1`, { signal: soon })
        return { place, subscribers: subscribersAnswerSchema.parse(await response.json()).subscribers }
      } catch {
        return { place, subscribers: null }
      }
    }),
  )
}
