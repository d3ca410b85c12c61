import { markedProcesses } from '../../surroundings/processes.ts'
import { describeRuntime } from '../../testing/runtime-conformance.ts'
import { ProcessRuntime } from './runtime.ts'

describeRuntime('process', {
  runtime: 'process',
  octets: [
    [186, 187, 188],
    [189, 190, 191],
  ],
  make: ({ blueprint, folder, homes, launch }) => new ProcessRuntime({ testbed: blueprint.id, folder, homes, launch }),
  async kill({ pid }) {
    if (pid !== null) process.kill(pid, 'SIGKILL')
  },
  leftovers: async (testbedId) => (await markedProcesses(testbedId)).map(({ pid, spec }) => `${spec} (pid ${pid})`),
})
