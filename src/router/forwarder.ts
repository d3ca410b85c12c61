import {
  type Address,
  type Answer,
  type Call,
  Decider,
  type Decision,
  decidingTag,
  type Explanation,
  errorAnswer,
  formatRoute,
  formatTags,
  type Ground,
  internalHeader,
  outcomeHeader,
  type RouterStats,
  routeHeader,
  type ServiceContext,
  signTag,
  type Tags,
} from '@ezone/sdk'
import { forwardedHeaders, returnedHeaders } from './headers.ts'
import { RecentCount } from './recent-count.ts'
import type { TableFeed } from './table-feed.ts'
import { ZoneClient, ZoneUnreachable } from './zone-client.ts'

/** How long a zone has for its answer. Less than the frame gives a handler, so that it is the router that answers. */
const zoneMs = 5_000

/** Takes a call to the zone of its shard and brings the answer back, saying on each where it was and why. */
export class Forwarder implements AsyncDisposable {
  readonly #context: ServiceContext
  readonly #table: TableFeed
  readonly #decider: Decider
  readonly #zones: ReadonlyMap<string, ZoneClient>
  readonly #recent: RecentCount
  readonly #counts = { requests: 0, fallback: 0, unreachable: 0 }
  readonly #perZone = new Map<string, number>()

  constructor(context: ServiceContext, table: TableFeed, ground: Ground) {
    this.#context = context
    this.#table = table
    this.#decider = new Decider(ground.fences, ground.cells)
    this.#zones = zoneClients(context.config.peers.orders ?? [])
    this.#recent = new RecentCount(context.clock)
  }

  /** @throws EZ_NO_ROUTE, EZ_NOT_READY; what goes wrong after the decision is answered under its `x-ezone` header */
  async forward(call: Call, tags: Tags): Promise<Answer> {
    const decision = this.#decider.decide(decidingTag(tags), this.#table.index)
    this.#count(decision)
    const route = formatRoute(decision)
    try {
      const answer = await this.#send(call, decision)
      return {
        status: answer.status,
        headers: { ...returnedHeaders(answer.headers), [routeHeader]: route },
        body: answer.body,
      }
    } catch (error) {
      // A client that left says nothing about the zone.
      if (!(error instanceof ZoneUnreachable) || call.signal.aborted) throw error
      this.#counts.unreachable++
      this.#context.log.warn({ err: error, zone: decision.zone, outcome: error.outcome }, 'a zone did not answer')
      const { body } = errorAnswer(error)
      const headers = { [routeHeader]: route, [outcomeHeader]: error.outcome }
      return { status: error.outcome === 'none' ? 503 : 504, headers, body }
    }
  }

  explain(tags: Tags): Answer {
    const deciding = decidingTag(tags)
    const { shard, zone, epoch, rule, cell, candidates } = this.#decider.decide(deciding, this.#table.index)
    const one: Tags | undefined =
      deciding && (deciding.kind === 'geo' ? { geo: deciding.point } : { [deciding.kind]: deciding.id })
    const tag = one === undefined ? null : formatTags(one)
    return {
      status: 200,
      body: { tag, shard, zone, epoch, rule, cell, candidates: [...candidates] } satisfies Explanation,
    }
  }

  stats(): RouterStats {
    return {
      ...this.#counts,
      recentRequests: this.#recent.value,
      perZone: Object.fromEntries(this.#perZone),
      table: this.#table.status(),
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#zones.values()].map((zone) => zone[Symbol.asyncDispose]()))
  }

  #send(call: Call, { shard, cell, zone, epoch }: Decision) {
    const client = this.#zones.get(zone)
    if (client === undefined) throw new ZoneUnreachable(zone, 'none', new TypeError('no order service is known there'))
    const { config, clock } = this.#context
    const tag = { shard, cell, zone, epoch, hops: 1, deadlineMs: Math.ceil(clock.nowMs()) + zoneMs }
    return client.send({
      method: call.method === 'POST' ? 'POST' : 'GET',
      path: call.path,
      headers: { ...forwardedHeaders(call.headers), [internalHeader]: signTag(tag, config.secret) },
      body: call.method === 'POST' ? call.body : null,
      signal: AbortSignal.any([call.signal, AbortSignal.timeout(zoneMs)]),
    })
  }

  #count({ rule, zone }: Decision): void {
    this.#recent.add()
    this.#counts.requests++
    if (rule === 'fallback') this.#counts.fallback++
    this.#perZone.set(zone, (this.#perZone.get(zone) ?? 0) + 1)
  }
}

/** One client per zone; an edge has no orders. */
function zoneClients(
  instances: readonly (Address & { readonly zone: string | null })[],
): ReadonlyMap<string, ZoneClient> {
  const perZone = Map.groupBy(instances, ({ zone }) => zone ?? '')
  return new Map([...perZone].map(([zone, addresses]) => [zone, new ZoneClient(zone, addresses)]))
}
