import type { Link, LinkProxy } from '../topology/blueprint.ts'
import type { ProxyState, Stream, Toxic } from './control.ts'

/** One way along a link: bytes that leave place `from` for place `to`. */
export interface Direction {
  readonly from: string
  readonly to: string
}

/** A cut in force: `direction` null means both ways. */
export interface Cut {
  readonly id: string
  readonly direction: Direction | null
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
 * The latency every proxy of a link always has: half the round trip in each direction. Of an odd round trip the way
 * towards the second place has the odd millisecond, whoever dialled, so both ways always add up to `rttMs`.
 */
export function baseToxics(link: Link, proxy: LinkProxy): readonly Toxic[] {
  return streams.flatMap((stream) => {
    const half = link.rttMs / 2
    const latency = flowOf(proxy, stream).to === link.between[1] ? Math.ceil(half) : Math.floor(half)
    if (latency === 0) return []
    return [
      { name: `base.latency.${stream}`, type: 'latency', stream, toxicity: 1, attributes: { latency, jitter: 0 } },
    ]
  })
}

/** What a cut adds to a proxy. `timeout` 0 swallows bytes; `bandwidth` 0 would lose nothing,
 * but the proxy then hangs for good when clients reconnect meanwhile (5 of 5 cuts of 15 s). */
export function cutToxics(proxy: LinkProxy, cut: Cut): readonly Toxic[] {
  return streamsOf(proxy, cut.direction).map((stream) => ({
    name: `${cutPrefix(cut.id)}${stream === 'upstream' ? 1 : 2}`,
    type: 'timeout',
    stream,
    toxicity: 1,
    attributes: { timeout: 0 },
  }))
}

export const cutPrefix = (id: string): string => `x.${id}.`

/** The id in the name of a toxic that a fault added; null for any other toxic. Ids hold no dot. */
export const faultOf = (toxic: string): string | null => /^x\.([^.]+)\.\d+$/.exec(toxic)?.[1] ?? null

/** What a proxy of the link shall look like while these cuts are in force. */
export function wantedProxy(link: Link, proxy: LinkProxy, cuts: readonly Cut[]): ProxyState {
  return {
    name: proxy.name,
    listen: `${proxy.listen.host}:${proxy.listen.port}`,
    upstream: `${proxy.upstream.host}:${proxy.upstream.port}`,
    enabled: true,
    toxics: [...baseToxics(link, proxy), ...cuts.flatMap((cut) => cutToxics(proxy, cut))],
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
