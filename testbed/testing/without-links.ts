import type { Address } from '@ezone/sdk/model'
import type { Blueprint } from '../topology/blueprint.ts'

/**
 * The same testbed with no wires between its places: whoever was told a link's listener is told the door behind it.
 * For tests of what does not depend on distance; they need no Toxiproxy.
 */
export function withoutLinks(blueprint: Blueprint): Blueprint {
  const behind = new Map(
    blueprint.links.flatMap((link) => link.proxies).map((proxy) => [text(proxy.listen), proxy.upstream]),
  )
  return moved(blueprint, behind) as Blueprint
}

function moved(value: unknown, behind: ReadonlyMap<string, Address>): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((item) => moved(item, behind))
  if ('host' in value && 'port' in value) return behind.get(text(value as Address)) ?? value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, moved(item, behind)]))
}

const text = ({ host, port }: Address) => `${host}:${port}`
