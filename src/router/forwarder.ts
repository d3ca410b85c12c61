import {
  type Address,
  type Answer,
  type Call,
  Decider,
  type Decision,
  decidingTag,
  Ending,
  type Explanation,
  EzoneError,
  errorAnswer,
  formatRoute,
  formatTags,
  type Ground,
  heldHeader,
  outcomeHeader,
  type RouterStats,
  routeHeader,
  type ServiceContext,
  serviceLimits,
  type TableSubscription,
  type Tags,
} from '@ezone/sdk'
import { carry } from '../wire/carry.ts'
import { type Deadline, deadlineOf } from '../wire/deadline.ts'
import { framingFault } from '../wire/framing.ts'
import { returnedHeaders } from '../wire/headers.ts'
import { Hold, holdMsMax } from '../wire/hold.ts'
import { onward } from '../wire/onward.ts'
import { type Incoming, Unanswered, Upstream } from '../wire/upstream.ts'
import { AcknowledgedWrites } from './acknowledged.ts'
import { RouterCounts } from './counts.ts'
import { type Belonging, pathOf, pathServices } from './service-paths.ts'
import { versionOf } from './version-of.ts'

/** How long a zone has for its answer. With all waiting less than the frame gives, so that it is the router that answers. */
const zoneMs = 5_000
const answerMs = zoneMs + holdMsMax
const methods = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'])

if (answerMs >= serviceLimits.answerMs) throw new RangeError('the frame would end a request before its router does')

/** Takes a call to the zone of its shard and brings the answer back, saying on each where it was and why. */
export class Forwarder implements AsyncDisposable {
  readonly #context: ServiceContext
  readonly #table: TableSubscription
  readonly #decider: Decider
  /** service -> zone -> where it is. */
  readonly #upstreams: ReadonlyMap<string, ReadonlyMap<string, Upstream>>
  readonly #hold: Hold
  readonly #counts: RouterCounts
  readonly acknowledged: AcknowledgedWrites

  constructor(context: ServiceContext, table: TableSubscription, ground: Ground) {
    this.#context = context
    this.#table = table
    this.#decider = new Decider(ground.fences, ground.cells)
    this.#upstreams = new Map(pathServices.map((name) => [name, upstreamsOf(context.config.peers[name] ?? [])]))
    this.#hold = new Hold(table, context.clock)
    this.#counts = new RouterCounts(context)
    this.acknowledged = new AcknowledgedWrites(context.clock)
  }

  /** @throws EZ_BAD_REQUEST, EZ_BAD_TAG, EZ_NO_ROUTE, EZ_NOT_READY; what goes wrong later is answered under `x-ezone` */
  async forward(call: Call): Promise<Answer> {
    const belonging = this.#belongs(call)
    const deciding = decidingTag(belonging.tags)
    const deadline = deadlineOf(call, this.#context.clock, answerMs)
    // Where it goes is decided anew after each wait; this is what is told if it never gets anywhere.
    let decision = this.#decider.decide(deciding, this.#table.index)
    this.#counts.request(decision)
    const { clock } = this.#context
    const startMs = clock.monotonicMs()
    try {
      const carried = await carry(this.#table, this.#hold, {
        write: call.method !== 'GET',
        decide: (index) => (decision = this.#decider.decide(deciding, index)),
        send: (to) => this.#send(call, belonging, to, deadline),
        atMostMs: Math.min(holdMsMax, deadline.leftMs),
        signal: call.signal,
      })
      this.#counts.answered(decision, carried.answer.status, clock.monotonicMs() - startMs)
      return this.#answer(call, carried.target, carried.answer, carried.heldMs)
    } catch (error) {
      // A client that left says nothing about the zone.
      if (call.signal.aborted || !EzoneError.is(error)) throw error
      return this.#failure(error, decision)
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
      ...this.#counts.values,
      holds: this.#hold.stats(),
      refused: { ...this.#context.refused.counts },
      acknowledged: this.acknowledged.count,
      table: this.#table.status(),
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const all = [...this.#upstreams.values()].flatMap((zones) => [...zones.values()])
    await Promise.all(all.map((zone) => zone[Symbol.asyncDispose]()))
  }

  #belongs(call: Call): Belonging {
    const fault = framingFault(call)
    if (fault !== undefined) {
      this.#context.refused.add('malformed')
      throw new EzoneError('EZ_BAD_REQUEST', fault)
    }
    const found = pathOf(call)
    if (found === undefined) throw new EzoneError('EZ_UNKNOWN_SERVICE', `no service owns ${call.path}`)
    if (!methods.has(call.method)) throw new EzoneError('EZ_BAD_REQUEST', `the router does not forward ${call.method}`)
    return found
  }

  async #send(call: Call, { service, path }: Belonging, to: Decision, deadline: Deadline): Promise<Incoming> {
    const { shard, cell, zone, epoch } = to
    const upstream = this.#upstreams.get(service)?.get(zone)
    if (upstream === undefined)
      throw new Unanswered(`zone ${zone}`, 'none', new TypeError(`no ${service} is known there`))
    const { config } = this.#context
    const leftMs = Math.min(deadline.leftMs, zoneMs)
    if (leftMs <= 0) throw new EzoneError('EZ_DEADLINE_PASSED', 'the client waits no longer; nothing was done')
    const tag = { shard, cell, zone, epoch, hops: 1, leftMs }
    using ending = new Ending(leftMs, call.signal)
    const sent = { path: withQuery(path, call), tag, secret: config.secret, signal: ending.signal }
    return await upstream.send(onward(call, sent))
  }

  #answer(call: Call, decision: Decision, { status, headers, body }: Incoming, heldMs: number): Answer {
    const done = call.method !== 'GET' && status < 300 ? versionOf(headers) : undefined
    if (done !== undefined) this.acknowledged.add({ ...done, shard: decision.shard, zone: decision.zone })
    const held = heldMs === 0 ? {} : { [heldHeader]: String(Math.round(heldMs)) }
    return { status, headers: { ...returnedHeaders(headers), ...held, [routeHeader]: formatRoute(decision) }, body }
  }

  /** The router's own answer in the place of a zone's: what was decided, and whether anything was done. */
  #failure(error: EzoneError, decision: Decision): Answer {
    const { status, body } = errorAnswer(error)
    this.#counts.failed(decision, error.code)
    if (error instanceof Unanswered)
      this.#context.log.warn({ err: error, zone: decision.zone, outcome: error.outcome }, 'a zone did not answer')
    const outcome = error instanceof Unanswered ? error.outcome : 'none'
    return { status, headers: { [routeHeader]: formatRoute(decision), [outcomeHeader]: outcome }, body }
  }
}

/** One per zone; an edge has none. */
function upstreamsOf(
  instances: readonly (Address & { readonly zone: string | null })[],
): ReadonlyMap<string, Upstream> {
  const perZone = Map.groupBy(instances, ({ zone }) => zone ?? '')
  return new Map([...perZone].map(([zone, addresses]) => [zone, new Upstream(`zone ${zone}`, addresses)]))
}

const withQuery = (path: string, { query }: Call) => (query.size === 0 ? path : `${path}?${query}`)
