import type { Link, LinkProxy } from '../topology/blueprint.ts'
import type { ProxyState } from './control.ts'
import { missing } from './reconcile.ts'
import { type Direction, faultOf, flowOf, wantedProxy } from './wanted.ts'

/**
 * `cut bj:sh` = cut from bj towards sh alone, `refused` = all its proxies are disabled. `unknown` is whatever cannot be
 * read back as one of the others.
 */
export type LinkState = 'open' | 'cut' | 'refused' | `cut ${string}:${string}` | 'unknown'

/** A link as its Toxiproxies show it now. */
export interface LinkReading {
  readonly state: LinkState
  /** Ids of the faults whose toxics were found. */
  readonly faults: readonly string[]
  /** Why the state is unknown; null otherwise. */
  readonly why: string | null
}

/** What was read of a proxy: its state, undefined where it does not exist, null where its Toxiproxy did not say. */
export type Found = ReadonlyMap<string, ProxyState | undefined | null>

/** The state of a link from what was read of its proxies. Pure; anything not seen makes it unknown. */
export function readingOf(link: Link, found: Found): LinkReading {
  const faults = [
    ...new Set(
      [...found.values()].flatMap((proxy) => proxy?.toxics.flatMap((toxic) => faultOf(toxic.name) ?? []) ?? []),
    ),
  ].sort()
  const unknown = (why: string): LinkReading => ({ state: 'unknown', faults, why })

  if (found.size > 0 && [...found.values()].every((state) => state?.enabled === false))
    return { state: 'refused', faults, why: null }
  for (const proxy of link.proxies) {
    const state = found.get(proxy.name)
    if (state === null) return unknown(`the Toxiproxy did not answer for ${proxy.name}`)
    const lack = missing(wantedProxy(link, proxy, []), state)
    if (lack !== null) return unknown(lack)
  }

  const [a, b] = link.between
  const there = wayOf(link, found, { from: a, to: b })
  const back = wayOf(link, found, { from: b, to: a })
  if (there === 'mixed' || back === 'mixed') return unknown('some of its proxies are cut and some are not')
  if (there === 'cut' && back === 'cut') return { state: 'cut', faults, why: null }
  if (there === 'cut') return { state: `cut ${a}:${b}`, faults, why: null }
  if (back === 'cut') return { state: `cut ${b}:${a}`, faults, why: null }
  return { state: 'open', faults, why: null }
}

function wayOf(link: Link, found: Found, direction: Direction): 'open' | 'cut' | 'mixed' {
  const stopped = link.proxies.map((proxy) => isStopped(proxy, found.get(proxy.name), direction))
  if (stopped.length > 0 && stopped.every(Boolean)) return 'cut'
  return stopped.some(Boolean) ? 'mixed' : 'open'
}

function isStopped(proxy: LinkProxy, state: ProxyState | undefined | null, direction: Direction): boolean {
  return (state?.toxics ?? []).some((toxic) => {
    const flow = flowOf(proxy, toxic.stream)
    const stops = toxic.type === 'timeout' || (toxic.type === 'bandwidth' && toxic.attributes.rate === 0)
    return stops && toxic.toxicity === 1 && flow.from === direction.from && flow.to === direction.to
  })
}
