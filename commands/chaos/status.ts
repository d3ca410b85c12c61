import type { FaultReport } from '../../testbed/chaos/fault.ts'
import { TestbedCommand } from '../../testbed/face/command.ts'

export default class ChaosStatus extends TestbedCommand {
  static override summary = 'Show the faults in force and the last ones that are over.'
  static override examples = ['<%= config.bin %> chaos status', '<%= config.bin %> chaos status --json']

  async run(): Promise<{ faults: readonly FaultReport[] }> {
    const { flags } = await this.parse(ChaosStatus)
    const { attendRunning } = await import('../../testbed/session/open-up.ts')
    const { listFaults } = await import('../../testbed/chaos/client.ts')
    const { statusText } = await import('../../testbed/face/chaos-text.ts')
    const { agent } = await attendRunning(flags.name, this.signal)
    const faults = await listFaults(agent, this.signal)
    this.say(statusText(faults))
    return { faults }
  }
}
