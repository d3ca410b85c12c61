import { setTimeout as sleep } from 'node:timers/promises'
import {
  type Answer,
  type Call,
  EzoneError,
  type InternalTag,
  internalHeader,
  jsonBody,
  type NewOrder,
  newOrderSchema,
  parseId,
  ReservedIds,
  type RunningService,
  readTag,
  requestKeyHeader,
  requestKeySchema,
  type ServiceContext,
} from '@ezone/sdk'
import { OrderStore } from './store.ts'

const migrateAgainMs = 500

/**
 * The order service of one zone.
 *
 *   POST /orders       creates an order in one durable transaction: 201, or 200 for a request key seen before
 *   GET  /orders/:id
 *
 * Both only for requests that a router signed for this very zone.
 */
export async function startOrders(context: ServiceContext): Promise<RunningService> {
  const { config, clock } = context
  const { zone, zoneNumber, stores, writer, stateDir } = config
  if (zone === null || zoneNumber === null || stores.mysql === undefined)
    throw new TypeError('the order service stands in a zone and needs its MySQL')
  const ids = await ReservedIds.open({ zone: zoneNumber, writer, clock, stateDir })
  const store = new OrderStore(stores.mysql)
  const migrated = migrateUntilDone(store, context)

  const create = async (call: Call): Promise<Answer> => {
    const tag = ownTag(call, context, zone)
    const order = newOrder(call)
    const requestKey = keyOf(call)
    const id = await ids.next(tag.cell)
    const created = await store.create({ id, tag, order, requestKey, nowMs: Math.floor(clock.nowMs()) })
    return { status: created.isNew ? 201 : 200, body: created.order }
  }

  const show = async (call: Call): Promise<Answer> => {
    ownTag(call, context, zone)
    const id = parseId(call.params.id ?? '')
    const order = id && (await store.find(id))
    if (!order) throw new EzoneError('EZ_UNKNOWN_ORDER', `zone ${zone} has no order ${call.params.id}`)
    return { status: 200, body: order }
  }

  return {
    routes: [
      { method: 'POST', path: '/orders', handle: create },
      { method: 'GET', path: '/orders/:id', handle: show },
    ],
    ready: async () => {
      if (!migrated.done) throw new EzoneError('EZ_NOT_READY', 'the schema of the zone is not there yet')
      await store.ping()
    },
    [Symbol.asyncDispose]: async () => {
      await ids[Symbol.asyncDispose]()
      await store[Symbol.asyncDispose]()
    },
  }
}

/** The signed tag of a request, if it is for this zone. @throws EZ_UNTRUSTED_TAG, EZ_DEADLINE_PASSED, EZ_WRONG_ZONE */
function ownTag({ headers }: Call, { config, clock }: ServiceContext, zone: string): InternalTag {
  const value = headers[internalHeader]
  const tag = readTag(Array.isArray(value) ? undefined : value, config.secret, clock.nowMs())
  if (tag.zone !== zone)
    throw new EzoneError(
      'EZ_WRONG_ZONE',
      `shard ${tag.shard} belongs to ${tag.zone} under epoch ${tag.epoch}; refused in ${zone}`,
    )
  return tag
}

/** @throws EZ_BAD_ORDER with every field that is wrong */
function newOrder(call: Call): NewOrder {
  const parsed = newOrderSchema.safeParse(call.body.length === 0 ? {} : jsonBody(call))
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.map(({ path, message }) => [path.join('.'), message].filter(Boolean).join(': '))
  throw new EzoneError('EZ_BAD_ORDER', problems.join('; '))
}

function keyOf({ headers }: Call): string | null {
  const value = headers[requestKeyHeader]
  if (value === undefined) return null
  const parsed = requestKeySchema.safeParse(value)
  if (!parsed.success)
    throw new EzoneError('EZ_BAD_REQUEST', `the header ${requestKeyHeader} must be 1-64 printable characters`)
  return parsed.data
}

/** MySQL may come later than the service, or go and come again: it is tried until it has worked once. */
function migrateUntilDone(store: OrderStore, { log, signal }: ServiceContext): { readonly done: boolean } {
  const state = { done: false }
  const run = async () => {
    let told = false
    while (!state.done && !signal.aborted) {
      try {
        await store.migrate()
        state.done = true
        log.info('the schema is up to date')
      } catch (error) {
        if (!told) log.warn({ err: error }, 'the schema cannot be brought up to date yet; trying on')
        told = true
        await sleep(migrateAgainMs, undefined, { signal, ref: false }).catch(() => {})
      }
    }
  }
  void run()
  return state
}
