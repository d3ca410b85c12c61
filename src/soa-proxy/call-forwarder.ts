import {
  type Answer,
  type Call,
  crossed,
  Decider,
  Ending,
  EzoneError,
  errorAnswer,
  formatPath,
  formatRoute,
  type Ground,
  type Hop,
  heldHeader,
  hopsMax,
  type InternalTag,
  outcomeHeader,
  parsePath,
  pathHeader,
  routeHeader,
  type ServiceContext,
  type TableSubscription,
} from '@ezone/sdk'
import { carry } from '../wire/carry.ts'
import { framingFault } from '../wire/framing.ts'
import { returnedHeaders } from '../wire/headers.ts'
import { Hold, holdMsMax } from '../wire/hold.ts'
import { onward } from '../wire/onward.ts'
import { type Incoming, Unanswered, type Upstream } from '../wire/upstream.ts'
import type { CallCounts } from './counts.ts'
import { type Destination, destination, type Found } from './destination.ts'
import type { Neighbours } from './neighbours.ts'
import type { Registry } from './registry.ts'
import { type ServiceCall, serviceCall } from './service-call.ts'

const self = 'soa-proxy'

export interface ForwarderParts {
  readonly context: ServiceContext
  readonly zone: string
  readonly table: TableSubscription
  readonly ground: Ground
  readonly registry: Registry
  readonly neighbours: Neighbours
  readonly counts: CallCounts
}

/** Who a call is sent to next, and as what. */
interface Next {
  readonly upstream: Upstream
  readonly path: string
  readonly tag: Pick<InternalTag, 'hops' | 'relayed'>
  readonly name: string
  readonly place: string
}

/**
 * Takes a call to who may answer it: an instance of this zone, or the SOA proxy of another zone, which is the one
 * crossing that a call has. Never an instance of another zone.
 */
export class CallForwarder {
  readonly #parts: ForwarderParts
  readonly #decider: Decider
  readonly hold: Hold

  constructor(parts: ForwarderParts) {
    this.#parts = parts
    this.#decider = new Decider(parts.ground.fences, parts.ground.cells)
    this.hold = new Hold(parts.table, parts.context.clock)
  }

  /** Never throws but where the caller has gone, or for a fault of ours: refusals are answers, with the way so far. */
  async forward(call: Call): Promise<Answer> {
    const way: Hop[] = [{ name: self, place: this.#parts.context.config.place, ms: null }]
    try {
      return await this.#carry(call, way)
    } catch (error) {
      if (call.signal.aborted || !EzoneError.is(error)) throw error
      this.#parts.counts.failed(error)
      const { status, body } = errorAnswer(error)
      const outcome = error instanceof Unanswered ? error.outcome : 'none'
      return { status, headers: { [pathHeader]: formatPath(way), [outcomeHeader]: outcome }, body }
    }
  }

  /** @param way grows by the hops behind us, as far as they told of themselves */
  async #carry(call: Call, way: Hop[]): Promise<Answer> {
    const { context, table, zone, counts } = this.#parts
    const fault = framingFault(call)
    if (fault !== undefined) {
      context.refused.add('malformed')
      throw new EzoneError('EZ_BAD_REQUEST', fault)
    }
    const wanted = serviceCall(call, context)
    const found = await this.#find(wanted.service)
    if (wanted.tag === undefined && wanted.parent === undefined && found.class === 'multi-active') counts.fallback()
    const { target, answer, heldMs } = await carry(table, this.hold, {
      write: found.class === 'multi-active' && call.method !== 'GET',
      decide: (index) => destination(wanted, found, zone, this.#decider, index),
      send: (to) => this.#send(call, wanted, to, way),
      // Of a call that came from another zone the proxy over there does the waiting: it may have to send it elsewhere.
      atMostMs: wanted.hops >= hopsMax ? 0 : Math.min(holdMsMax, wanted.deadline.leftMs),
      signal: call.signal,
    })
    const held = heldMs === 0 ? {} : { [heldHeader]: String(Math.round(heldMs)) }
    const own = { ...held, [routeHeader]: formatRoute(target), [pathHeader]: formatPath(way) }
    return { status: answer.status, headers: { ...returnedHeaders(answer.headers), ...own }, body: answer.body }
  }

  async #find(service: string): Promise<Found> {
    const { registry, neighbours, zone } = this.#parts
    const here = registry.classOf(service)
    return here === undefined ? neighbours.find(service) : { class: here, zone }
  }

  async #send(call: Call, wanted: ServiceCall, to: Destination, way: Hop[]): Promise<Incoming> {
    const { context, counts } = this.#parts
    const { config, clock } = context
    const next = this.#next(wanted, to)
    const { leftMs } = wanted.deadline
    if (leftMs <= 0) throw new EzoneError('EZ_DEADLINE_PASSED', 'the caller waits no longer; nothing was done')
    const { shard, cell, zone, epoch } = to
    const tag = { shard, cell, zone, epoch, leftMs, ...next.tag }
    const startMs = clock.monotonicMs()
    using ending = new Ending(leftMs, call.signal)
    const sent = { path: next.path, tag, secret: config.secret, signal: ending.signal }
    const answer = await next.upstream.send(onward(call, sent))
    const ms = clock.monotonicMs() - startMs
    counts.answered({ service: wanted.service, to: zone, shard, epoch }, ms)
    const told = next.name === self ? parsePath(String(answer.headers[pathHeader])) : undefined
    const [first = { name: next.name, place: next.place }, ...rest] = told ?? []
    way.splice(1, way.length, { ...first, ms }, ...rest)
    return answer
  }

  /** @throws EZ_TOO_MANY_HOPS, EZ_NO_INSTANCE, EZ_ZONE_UNREACHABLE */
  #next({ service, path, hops, parent }: ServiceCall, to: Destination): Next {
    const { registry, neighbours, zone, context } = this.#parts
    const through = `/${service}${path}`
    if (to.zone !== zone) {
      const tag = { hops: crossed(hops, { from: zone, to: to.zone }) }
      return { upstream: neighbours.ofZone(to.zone), path: through, tag, name: self, place: to.zone }
    }
    const found = registry.find(service)
    if (found !== undefined && 'here' in found)
      return { upstream: found.here, path, tag: { hops }, name: service, place: context.config.place }
    const other = found && parent?.relayed === undefined ? neighbours.ofPlace(found.place) : undefined
    if (found === undefined || other === undefined)
      throw new EzoneError(
        'EZ_NO_INSTANCE',
        `no instance of ${service} is registered in zone ${zone}; nothing was done`,
      )
    return { upstream: other, path: through, tag: { hops, relayed: true }, name: self, place: found.place }
  }
}
