import { randomUUID } from 'node:crypto'
import {
  type Answer,
  type Call,
  EzoneError,
  jsonBody,
  moveRequestSchema,
  type RunningService,
  readGround,
  type ServiceContext,
  subscribersAnswerSchema,
  tableAckSchema,
} from '@ezone/sdk'
import { register } from '@ezone/sdk/zookeeper'
import type { z } from 'zod'
import { firstTable } from './first-table.ts'
import { limits } from './limits.ts'
import { Mover, type MoverOptions } from './mover.ts'
import { Subscribers } from './subscribers.ts'
import { TableBoard } from './table-board.ts'
import { Truth } from './truth.ts'

/**
 * The Global Zone Service: follows the truth in the global ensemble, hands the table out, and moves shards.
 *
 *   GET  /table           the routing table, with an ETag: who has it asks again for the price of a 304
 *   GET  /cities?name=    the cell of a city, for those who have no copy of the data
 *   GET  /history         who changed the table, why; newest first
 *   GET  /subscribe?name=&kind=&place=   NDJSON: a snapshot, then every change as it comes, and a ping each second
 *   POST /acks            a subscriber says under which version it acts
 *   GET  /subscribers     of every GZS; with ?own=1 of this one
 *   POST /moves           begins a move of a shard
 *   GET  /moves/:shard    how far it is
 */
export async function startGzs(
  context: ServiceContext,
  hooks: Pick<MoverOptions, 'onStep'> = {},
): Promise<RunningService> {
  const { config, clock, signal } = context
  const { cells, divisions, cities } = await readGround(config.dataDir)
  const board = await TableBoard.open(context)
  const truth = Truth.open({
    ...context,
    first: () => firstTable({ divisions, cells, zoneOf: config.shards }),
    onTable: (table) => board.post(table),
  })
  const inTouch = () => truth.known && truth.zookeeper.safeForMs > 0
  const subscribers = new Subscribers({ place: config.place, board, clock, inTouch })
  const mover = new Mover({ ...context, ...hooks, truth })
  const own = announce(context, truth)
  const running = mover.run()

  const answerTable = ({ headers }: Call): Answer => {
    const { etag, body } = board.posted
    return headers['if-none-match'] === etag
      ? { status: 304, headers: { etag } }
      : { status: 200, headers: { etag }, body }
  }
  const answerCity = ({ query }: Call): Answer => {
    const { cell, city, division, shard, point, population } = cities.find(asked(query, 'name'))
    return { status: 200, body: { cell, city, division, shard, ...point, population } }
  }
  const answerSubscribe = ({ query }: Call): Answer => {
    const name = { name: asked(query, 'name'), kind: asked(query, 'kind'), place: asked(query, 'place') }
    return { status: 200, stream: (gone) => subscribers.follow(name, gone) }
  }
  const answerAck = (call: Call): Answer => {
    subscribers.acknowledge(read(tableAckSchema, jsonBody(call)))
    return { status: 204 }
  }
  const answerSubscribers = async ({ query, signal: gone }: Call): Promise<Answer> => {
    const { version } = board.posted.table
    if (query.has('own')) return { status: 200, body: { version, subscribers: subscribers.list(), silent: [] } }
    const others = await askPeers(context, gone)
    const all = [...subscribers.list(), ...others.flatMap((other) => other.subscribers ?? [])]
    const silent = others.filter((other) => other.subscribers === null).map((other) => other.place)
    return { status: 200, body: { version, subscribers: all.sort((a, b) => (a.name < b.name ? -1 : 1)), silent } }
  }
  const answerMove = async (call: Call): Promise<Answer> => {
    const accepted = await mover.begin(read(moveRequestSchema, jsonBody(call)), randomUUID(), call.signal)
    return { status: accepted.id === null ? 200 : 202, body: accepted }
  }
  const answerMoveState = ({ params }: Call): Answer => {
    const entry = board.posted.table.shards.find(({ shard }) => String(shard) === params.shard)
    if (entry === undefined) throw new EzoneError('EZ_UNKNOWN_SHARD', `the routing table has no shard ${params.shard}`)
    return { status: 200, body: { move: truth.moves.get(entry.shard)?.value ?? null } }
  }

  return {
    routes: [
      { method: 'GET', path: '/table', handle: answerTable },
      { method: 'GET', path: '/cities', handle: answerCity },
      { method: 'GET', path: '/history', handle: () => ({ status: 200, body: { entries: truth.history.entries } }) },
      { method: 'GET', path: '/subscribe', handle: answerSubscribe },
      { method: 'POST', path: '/acks', handle: answerAck },
      { method: 'GET', path: '/subscribers', handle: answerSubscribers },
      { method: 'POST', path: '/moves', handle: answerMove },
      { method: 'GET', path: '/moves/:shard', handle: answerMoveState },
    ],
    ready: async () => void board.posted,
    async [Symbol.asyncDispose]() {
      await running
      await (await own)?.[Symbol.asyncDispose]()
      await truth[Symbol.asyncDispose]()
      await board.settled()
    },
  }

  /** So that others see that this GZS lives, and whose moves are nobody's any more. */
  function announce({ config: { place, instance, listen }, log }: ServiceContext, { zookeeper }: Truth) {
    const data = { ...listen, zone: config.zone, place, class: 'global' as const }
    return register(zookeeper, { service: 'gzs', place, instance, data, signal }).catch((error: unknown) => {
      if (!signal.aborted) log.error({ err: error }, 'this GZS could not be announced; its moves look abandoned')
      return undefined
    })
  }
}

function asked(query: URLSearchParams, name: string): string {
  const value = query.get(name)
  if (!value || value.length > 100) throw new EzoneError('EZ_BAD_REQUEST', `the query must have a ${name}=`)
  return value
}

function read<T>(schema: z.ZodType<T>, body: unknown): T {
  const result = schema.safeParse(body)
  if (result.success) return result.data
  const [issue] = result.error.issues
  throw new EzoneError('EZ_BAD_REQUEST', `the body is wrong: ${issue?.path.join('.')}: ${issue?.message}`)
}

/** The subscribers of every other GZS; null where one does not answer. */
function askPeers({ config }: ServiceContext, signal: AbortSignal) {
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
