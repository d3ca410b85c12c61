import { removeContainers } from './container-end.ts'
import type { Engine } from './engine.ts'
import { labelled, labels } from './labels.ts'
import { removeNetworks } from './networks.ts'

/**
 * Removes every container and network that carries a testbed's label, also those of a run nobody remembers. Needs
 * nothing but the testbed's id. Images stay: other testbeds stand on them (`removeImages` is for `uninstall`).
 */
export async function destroyTestbed(engine: Engine, testbedId: string, signal: AbortSignal): Promise<void> {
  const containers = await engine.call('list containers', signal, (docker, abortSignal) =>
    docker.listContainers({ all: true, filters: labelled(labels.testbed, testbedId), abortSignal }),
  )
  await removeContainers(
    engine,
    containers.map((container) => container.Id),
    signal,
  )
  await removeNetworks(engine, testbedId, signal)
}
