import { EzoneError } from '@ezone/sdk/errors'
import type { NetworkInspectInfo } from 'dockerode'
import type { Blueprint, Place } from '../../topology/blueprint.ts'
import type { Engine } from './engine.ts'
import { labelled, labels } from './labels.ts'
import { statusOf } from './refusals.ts'

type Testbed = Pick<Blueprint, 'id' | 'name' | 'places'>

export const networkName = (testbed: string, place: string) => `ezone-${testbed}-${place}`

/** The block of a place; .10 on are servers, .64-.127 is what the engine itself hands out, .200 on are links. */
const blockOf = (place: Place) => ({
  Subnet: `198.18.${place.octet}.0/24`,
  Gateway: gatewayOf(place),
  IPRange: `198.18.${place.octet}.64/26`,
})

/** The host's own address in the network of a place. */
export const gatewayOf = (place: Pick<Place, 'octet'>) => `198.18.${place.octet}.1`

/**
 * One bridge per place. The engine drops what goes from one bridge to another, so the only way between two places is a
 * container that stands in both: their link (ADR 0010 says why these bridges and not `internal` ones).
 */
export async function ensureNetworks(engine: Engine, testbed: Testbed, signal: AbortSignal): Promise<void> {
  const existing = await networksOf(engine, testbed.id, signal)
  const missing = testbed.places.filter((place) => {
    const found = existing.find((network) => network.Labels?.[labels.place] === place.name)
    return found?.IPAM?.Config?.[0]?.Subnet !== blockOf(place).Subnet
  })
  // One after the other: the engine checks for overlaps only against networks that are finished.
  for (const place of missing) {
    signal.throwIfAborted()
    await createNetwork(engine, testbed, place)
  }
}

/** Not interrupted: a creation given up half-way is finished by the engine all the same, when nobody looks any more. */
async function createNetwork(engine: Engine, testbed: Testbed, place: Place): Promise<void> {
  const signal = new AbortController().signal
  const name = networkName(testbed.name, place.name)
  try {
    await engine.call(`create network ${name}`, signal, (docker, abortSignal) =>
      docker.createNetwork({
        Name: name,
        CheckDuplicate: true,
        Driver: 'bridge',
        IPAM: { Driver: 'default', Config: [blockOf(place)] },
        // No way out: what a container sends anywhere else keeps an address that nobody answers to.
        Options: { 'com.docker.network.bridge.enable_ip_masquerade': 'false' },
        Labels: { [labels.testbed]: testbed.id, [labels.place]: place.name },
        abortSignal,
      }),
    )
  } catch (cause) {
    throw (await takenBy(engine, name, place, cause, signal)) ?? cause
  }
}

/** Where the name or the block is another network's, an error that names that network. */
async function takenBy(engine: Engine, name: string, place: Place, cause: unknown, signal: AbortSignal) {
  if (statusOf(cause) === null) return null
  const all = await engine.call('list networks', signal, (docker, abortSignal) => docker.listNetworks({ abortSignal }))
  const { Subnet } = blockOf(place)
  const other = all.find((n) => n.Name === name || n.IPAM?.Config?.some((block) => block.Subnet === Subnet))
  if (other === undefined) return null
  const owner = other.Labels?.[labels.testbed]
  return new EzoneError(
    'EZ_DOCKER_TAKEN',
    `network ${name} (${Subnet}) cannot be made: the engine has network ${other.Name}` +
      (owner === undefined ? ', which is not of ezone' : ` of testbed ${owner}`),
    { cause },
  )
}

export async function networksOf(
  engine: Engine,
  testbedId: string,
  signal: AbortSignal,
): Promise<readonly NetworkInspectInfo[]> {
  return engine.call('list networks', signal, (docker, abortSignal) =>
    docker.listNetworks({ filters: labelled(labels.testbed, testbedId), abortSignal }),
  )
}

/** Removes every network of a testbed; its containers must be gone. */
export async function removeNetworks(engine: Engine, testbedId: string, signal: AbortSignal): Promise<void> {
  const networks = await networksOf(engine, testbedId, signal)
  await Promise.all(
    networks.map((network) =>
      engine.find(`remove network ${network.Name}`, signal, (docker, abortSignal) =>
        docker.getNetwork(network.Id).remove({ abortSignal }),
      ),
    ),
  )
}
