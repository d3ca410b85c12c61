import type { Link, LinkProxy } from '../topology/blueprint.ts'
import type { ProxyState, Stream, Toxic } from './control.ts'

/** One way along a link: bytes that leave place `from` for place `to`. */
export interface Direction {
  readonly from: string
  readonly to: string
}

/** What can be done to a link, as its Toxiproxies do it. */
export type LinkHow =
  /** Swallows bytes; connections that lived through it are closed when it ends. */
  | { readonly type: 'drop' }
  /** Holds bytes back and loses none, but hangs the proxy when clients reconnect meanwhile. */
  | { readonly type: 'stall' }
  /** Closes what there is and refuses what comes, as a dead server does. Both ways only. */
  | { readonly type: 'refuse' }
  /** Each way takes so much longer, per chunk and in order. */
  | { readonly type: 'latency'; readonly latencyMs: number; readonly jitterMs: number }
  /** Per connection and way, not for the link as a whole. */
  | { readonly type: 'bandwidth'; readonly kbPerSecond: number }

/** A fault of a link in force: `direction` null means both ways, no `how` means drop. */
export interface LinkFault {
  readonly id: string
  readonly direction: Direction | null
  readonly how?: LinkHow
}

const streams: readonly Stream[] = ['upstream', 'downstream']

/**
 * Which way the bytes of a stream go. Remember this rule only: bytes from A to B are the upstream of proxies whose client
 * is in A and the downstream of proxies whose client is in B.
 */
export function flowOf(proxy: Pick<LinkProxy, 'from' | 'to'>, stream: Stream): Direction {
  return stream === 'upstream' ? { from: proxy.from, to: proxy.to } : { from: proxy.to, to: proxy.from }
}

/** The streams of a proxy that a cut in this direction stops. */
export function streamsOf(proxy: Pick<LinkProxy, 'from' | 'to'>, direction: Direction | null): readonly Stream[] {
  if (direction === null) return streams
  return streams.filter((stream) => {
    const flow = flowOf(proxy, stream)
    return flow.from === direction.from && flow.to === direction.to
  })
}

/**
 * What a proxy takes on a round trip beside what its toxics ask for: its timers are late by half a millisecond or more in
 * each direction, and its copying takes time. Of links shorter than `overheadFromMs` nothing is taken off.
 */
export const overheadMs = 1
const overheadFromMs = 10

/**
 * The latency every proxy of a link always has: half the round trip in each direction, less what the proxy itself takes.
 * Of what is odd the way towards the second place has the odd millisecond, whoever dialled: both ways always add up.
 */
export function baseToxics(link: Link, proxy: LinkProxy): readonly Toxic[] {
  return streams.flatMap((stream) => {
    const half = (link.rttMs < overheadFromMs ? link.rttMs : link.rttMs - overheadMs) / 2
    const latency = flowOf(proxy, stream).to === link.between[1] ? Math.ceil(half) : Math.floor(half)
    if (latency === 0) return []
    return [
      { name: `base.latency.${stream}`, type: 'latency', stream, toxicity: 1, attributes: { latency, jitter: 0 } },
    ]
  })
}

/** What a fault adds to a proxy. One that refuses adds nothing: its proxies are disabled. */
export function faultToxics(proxy: LinkProxy, { id, direction, how = { type: 'drop' } }: LinkFault): readonly Toxic[] {
  if (how.type === 'refuse') return []
  return streamsOf(proxy, direction).map((stream) => ({
    name: `${toxicPrefix(id)}${stream === 'upstream' ? 1 : 2}`,
    stream,
    toxicity: 1,
    ...toxicOf(how),
  }))
}

/**
 * `timeout` 0 swallows bytes; `bandwidth` 0 would lose nothing, but the proxy then hangs for good when clients reconnect
 * meanwhile (5 of 5 cuts of 15 s).
 */
function toxicOf(how: Exclude<LinkHow, { type: 'refuse' }>): Pick<Toxic, 'type' | 'attributes'> {
  switch (how.type) {
    case 'drop':
      return { type: 'timeout', attributes: { timeout: 0 } }
    case 'stall':
      return { type: 'bandwidth', attributes: { rate: 0 } }
    case 'latency':
      return { type: 'latency', attributes: { latency: how.latencyMs, jitter: how.jitterMs } }
    case 'bandwidth':
      return { type: 'bandwidth', attributes: { rate: how.kbPerSecond } }
  }
}

export const toxicPrefix = (id: string): string => `x.${id}.`

/** The id in the name of a toxic that a fault added; null for any other toxic. Ids hold no dot. */
export const faultOf = (toxic: string): string | null => /^x\.([^.]+)\.\d+$/.exec(toxic)?.[1] ?? null

/** What a proxy of the link shall look like while these faults are in force. */
export function wantedProxy(link: Link, proxy: LinkProxy, faults: readonly LinkFault[]): ProxyState {
  return {
    name: proxy.name,
    listen: `${proxy.listen.host}:${proxy.listen.port}`,
    upstream: `${proxy.upstream.host}:${proxy.upstream.port}`,
    enabled: !faults.some(({ how }) => how?.type === 'refuse'),
    toxics: [...baseToxics(link, proxy), ...faults.flatMap((fault) => faultToxics(proxy, fault))],
  }
}

/** True where the toxic that is there does what the wanted one does. */
export function sameToxic(a: Toxic, b: Toxic): boolean {
  return (
    a.name === b.name &&
    a.type === b.type &&
    a.stream === b.stream &&
    a.toxicity === b.toxicity &&
    Object.entries(b.attributes).every(([key, value]) => a.attributes[key] === value)
  )
}
