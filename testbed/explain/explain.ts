import { EzoneError } from '@ezone/sdk/errors'
import { type Address, parseId } from '@ezone/sdk/model'
import type { GzsClient } from '../gzs/gzs-client.ts'
import type { RouterClient } from '../orders/router-client.ts'
import type { Credentials } from '../stores/credentials.ts'
import { type Blueprint, portOf, type Spec } from '../topology/blueprint.ts'
import { conclude } from './conclude.ts'
import { drcStatuses, drcTrail } from './drc-trail.ts'
import type { Explained } from './explained.ts'
import { type Facts, isSilent, type Trace } from './facts.ts'
import { kafkaTrail } from './kafka-trail.ts'
import { logTrail } from './log-trail.ts'
import { askZone, type ZoneDoor } from './zone-fact.ts'

const historyMax = 8

export interface ExplainSources {
  readonly router: Pick<RouterClient, 'explain'>
  readonly gzs: Pick<GzsClient, 'table' | 'history' | 'move'>
  readonly blueprint: Blueprint
  readonly credentials: Credentials
  /** State folder of the testbed, where the logs are. */
  readonly folder: string
  readonly signal: AbortSignal
}

/**
 * Why an order is where it is: what the router, GZS, the DAL and both databases say of it, each asked by itself.
 * @throws EZ_USAGE, EZ_UNKNOWN_ORDER where every zone was asked and none has it, and whatever the router answers
 */
export async function explain(orderId: string, sources: ExplainSources): Promise<Explained> {
  if (parseId(orderId) === undefined)
    throw new EzoneError('EZ_USAGE', `${JSON.stringify(orderId)} is not the id of an order`)
  const { router, blueprint, credentials, signal } = sources
  const route = await router.explain(`order=${orderId}`, signal)
  const [table, zones, drc] = await Promise.all([
    askTable(sources, route.shard),
    Promise.all(zoneDoors(blueprint, credentials).map((door) => askZone(door, { orderId, shard: route.shard }))),
    drcStatuses(blueprint, signal),
  ])
  const facts: Facts = { orderId, route, table, zones, drc, traces: [] }
  requireKnown(facts)
  const explained = conclude(facts)
  const traces = explained.traceId === null ? [] : await trailOf(explained.traceId, sources)
  return { ...explained, traces }
}

/** GZS may be gone while orders go on: then the story is told without it. */
async function askTable({ gzs, signal }: ExplainSources, shard: number): Promise<Facts['table']> {
  try {
    const [table, history, move] = await Promise.all([gzs.table(signal), gzs.history(signal), gzs.move(shard, signal)])
    const entry = table.shards.find((one) => one.shard === shard)
    if (entry === undefined) return { error: `the routing table has no shard ${shard}` }
    const touched = history.filter(({ changes }) => changes.some((change) => change.shard === shard))
    const { name, zone, epoch, state } = entry
    return { version: table.version, name, zone, epoch, state, history: touched.slice(0, historyMax), move }
  } catch (error) {
    signal.throwIfAborted()
    if (!EzoneError.is(error)) throw error
    return { error: error.message }
  }
}

function requireKnown({ orderId, zones }: Facts): void {
  const nowhere = zones.every((zone) => !isSilent(zone) && zone.row === null && zone.tombstone === null)
  if (nowhere) throw new EzoneError('EZ_UNKNOWN_ORDER', `no zone has an order ${orderId}`)
}

/** Lines and records that carry the trace, in the order of time. A source that cannot be asked has none. */
async function trailOf(traceId: string, { blueprint, folder, signal }: ExplainSources): Promise<readonly Trace[]> {
  const kafkas = blueprint.specs.filter((spec) => spec.kind === 'kafka')
  const found = await Promise.all([
    logTrail(blueprint, folder, traceId),
    drcTrail(blueprint, traceId, signal),
    ...kafkas.flatMap((spec) => {
      const door = doorOf(spec, 'client')
      const silent = (error: Error): readonly Trace[] => [
        { at: null, where: spec.id, text: `not asked: ${error.message}` },
      ]
      return door === undefined ? [] : [kafkaTrail(spec.zone ?? '', door, traceId, signal).catch(silent)]
    }),
  ])
  return found.flat().toSorted((a, b) => (a.at ?? '').localeCompare(b.at ?? ''))
}

function zoneDoors({ zones, specs }: Blueprint, { mysql }: Credentials): readonly ZoneDoor[] {
  return zones.flatMap(({ name, number }) => {
    const spec = specs.find((one) => one.kind === 'mysql' && one.role === 'zone' && one.zone === name)
    const door = spec && doorOf(spec, 'client')
    return door === undefined ? [] : [{ zone: name, number, mysql: { ...door, ...mysql.root } }]
  })
}

const doorOf = (spec: Spec, port: string): Address | undefined => portOf(spec, port)?.host
