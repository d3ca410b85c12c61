import type { Address } from '@ezone/sdk/model'
import { inParallel } from '../../links/in-parallel.ts'
import type { Blueprint, Place, Spec } from '../../topology/blueprint.ts'
import { Dialer, type DialerOptions } from './dialer.ts'
import type { Engine } from './engine.ts'
import { gatewayOf } from './networks.ts'

/** A door of another place, dialled from the network of `from` beside the link. It must be refused. */
export interface DirectDial {
  readonly from: string
  readonly to: string
  /** The spec dialled. */
  readonly target: string
  readonly address: Address
  /** `unknown`: not even the door of its own place answered the dialler, so its refusals prove nothing. */
  readonly result: 'refused' | 'reached' | 'unknown'
  /** What the client that dialled made of it. */
  readonly said: string
}

const dialsAtOnce = 4

/**
 * Dials, from a container in each place, every real address of the containers of all other places, and the host's own
 * addresses in both networks on the same ports (the host is on every network: the usual hole). None may answer. Each
 * dialler first proves on a door of its own place that it can dial at all.
 */
export async function directDials(
  engine: Engine,
  options: Omit<DialerOptions, 'place' | 'blueprint'> & { readonly blueprint: Blueprint },
  signal: AbortSignal,
): Promise<readonly DirectDial[]> {
  const { blueprint } = options
  const dialled = await Promise.all(
    blueprint.places.map(async (place) => {
      const wanted = forbiddenFrom(blueprint, place)
      const own = doorsOf(blueprint, place)[0]?.address
      // In a place without servers (the second IDC of a zone) no container stands that could dial.
      if (wanted.length === 0 || own === undefined) return []
      await using dialer = await Dialer.start(engine, { ...options, place: place.name }, signal)
      const works = (await dialer.dial(own, signal)).result === 'reached'
      return await inParallel(wanted, dialsAtOnce, async (dial): Promise<DirectDial> => {
        const { result, said } = await dialer.dial(dial.address, signal)
        return { ...dial, result: works ? result : 'unknown', said }
      })
    }),
  )
  return dialled.flat()
}

type Wanted = Omit<DirectDial, 'result' | 'said'>

/** Everything a container of a place must not be able to reach. Pure. */
export function forbiddenFrom(blueprint: Blueprint, from: Place): readonly Wanted[] {
  return blueprint.places
    .filter((to) => to.name !== from.name)
    .flatMap((to) =>
      doorsOf(blueprint, to).map(({ spec, address }) => ({ from: from.name, to: to.name, spec, address, place: to })),
    )
    .flatMap(({ spec, address, place, ...dial }) =>
      [address.host, gatewayOf(from), gatewayOf(place)].map((host) => ({
        ...dial,
        target: spec.id,
        address: { host, port: address.port },
      })),
    )
    .filter(once())
}

/** The container addresses of the servers of a place. */
function doorsOf(blueprint: Blueprint, place: Place): readonly { readonly spec: Spec; readonly address: Address }[] {
  return blueprint.specs
    .filter((spec) => spec.on === 'runtime' && spec.place === place.name)
    .flatMap((spec) => spec.ports.map((port) => ({ spec, address: port.inside })))
}

/** Two servers on the same port share the host's address on it. */
function once(): (dial: Wanted) => boolean {
  const seen = new Set<string>()
  return ({ from, address }) => {
    const key = `${from} ${address.host}:${address.port}`
    return !seen.has(key) && seen.add(key) !== undefined
  }
}
