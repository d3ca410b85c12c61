import type { Engine } from './engine.ts'
import { labelled, labels } from './labels.ts'

/** Names of all containers and networks of a testbed that exist in an engine: what a leak check compares. */
export async function leftoversIn(engine: Engine, testbedId: string, signal: AbortSignal): Promise<readonly string[]> {
  const filters = labelled(labels.testbed, testbedId)
  const [containers, networks] = await Promise.all([
    engine.call('list containers', signal, (docker, abortSignal) =>
      docker.listContainers({ all: true, filters, abortSignal }),
    ),
    engine.call('list networks', signal, (docker, abortSignal) => docker.listNetworks({ filters, abortSignal })),
  ])
  return [
    ...containers.map((container) => `container ${container.Names[0]?.slice(1) ?? container.Id}`),
    ...networks.map((network) => `network ${network.Name}`),
  ].sort()
}
