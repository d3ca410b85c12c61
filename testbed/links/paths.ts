import type { Address } from '@ezone/sdk/model'
import type { Blueprint, Protocol, Spec } from '../topology/blueprint.ts'

/** Protocols that have a probe. Quorum and election ports have none: only members of the ensemble talk there. */
export const probedProtocols = ['mysql', 'redis', 'kafka', 'zookeeper', 'http'] as const
export type ProbedProtocol = (typeof probedProtocols)[number]

/** A way from a place to a door: through a link, or directly within the place. */
export interface Path {
  readonly from: string
  readonly to: string
  /** Name of the link; null within a place. */
  readonly link: string | null
  readonly protocol: ProbedProtocol
  /** The spec it leads to: `sh/mysql`. */
  readonly target: string
  /** What a program of `from` dials. */
  readonly via: Address
  readonly askedRttMs: number
  /** True where the target itself works only while links do: a member of the global ensemble. */
  readonly needsLinks: boolean
}

/** Every path of a testbed that a probe of the host can take, links first. Pure. */
export function pathsOf(blueprint: Blueprint): readonly Path[] {
  return [...blueprint.links.flatMap((link) => acrossLink(blueprint, link)), ...withinPlaces(blueprint)]
}

function acrossLink(blueprint: Blueprint, link: Blueprint['links'][number]): readonly Path[] {
  return link.proxies.flatMap((proxy) => {
    const { protocol, side } = proxy
    if (side !== 'host' || !isProbed(protocol)) return []
    return [
      {
        from: proxy.from,
        to: proxy.to,
        link: link.name,
        protocol,
        target: proxy.target,
        via: proxy.listen,
        askedRttMs: link.rttMs,
        needsLinks: isMember(blueprint.specs.find((spec) => spec.id === proxy.target)),
      },
    ]
  })
}

function withinPlaces(blueprint: Blueprint): readonly Path[] {
  return blueprint.specs.flatMap((spec) =>
    spec.ports.flatMap(({ protocol, only, host }) => {
      // A door made for one foreign place tells its clients the address of a link.
      if (only !== null || !isProbed(protocol)) return []
      const { place } = spec
      return [
        {
          from: place,
          to: place,
          link: null,
          protocol,
          target: spec.id,
          via: host,
          askedRttMs: 0,
          needsLinks: isMember(spec),
        },
      ]
    }),
  )
}

const isProbed = (protocol: Protocol): protocol is ProbedProtocol =>
  (probedProtocols as readonly Protocol[]).includes(protocol)

const isMember = (spec: Spec | undefined) => spec?.kind === 'zookeeper' && spec.ensemble !== null
