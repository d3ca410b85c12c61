import { describeRuntime } from '../../testing/runtime-conformance.ts'
import { ProcessRuntime } from '../process/runtime.ts'
import { connectEngine } from './engine.ts'
import { leftoversIn } from './leftovers.ts'
import { DockerRuntime } from './runtime.ts'

const signal = AbortSignal.timeout(900_000)

describeRuntime('docker', {
  runtime: 'docker',
  octets: [
    [180, 181, 182],
    [183, 184, 185],
  ],
  make({ blueprint, folder, homes, launch }) {
    const host = new ProcessRuntime({ testbed: blueprint.id, folder, homes, launch })
    const record = { images: 'auto', registryMirror: null } as const
    return new DockerRuntime({ testbed: { folder, blueprint, record }, homes, launch, host })
  },
  async kill({ container }) {
    const engine = await connectEngine(signal)
    await engine.call('kill', signal, (docker) => docker.getContainer(container ?? '').kill({ signal: 'SIGKILL' }))
  },
  leftovers: async (testbedId) => leftoversIn(await connectEngine(signal), testbedId, signal),
})
