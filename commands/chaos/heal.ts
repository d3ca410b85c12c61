import { Args } from '@oclif/core'
import type { FaultReport } from '../../testbed/chaos/fault.ts'
import { TestbedCommand } from '../../testbed/face/command.ts'

export default class ChaosHeal extends TestbedCommand {
  static override summary = 'End a fault, or all of them, and see that it is gone.'
  static override description =
    'A link must let every path through again, a server must answer at its doors. What cannot be shown to be gone is an ' +
    'error (exit 10); the agent goes on trying.'
  static override examples = ['<%= config.bin %> chaos heal', '<%= config.bin %> chaos heal f3']
  static override args = { fault: Args.string({ description: 'Id of a fault, such as f3; all where none is named.' }) }

  async run(): Promise<{ faults: readonly FaultReport[] }> {
    const { args, flags } = await this.parse(ChaosHeal)
    const { attendRunning } = await import('../../testbed/session/open-up.ts')
    const { heal } = await import('../../testbed/chaos/client.ts')
    const { chaosText } = await import('../../testbed/face/chaos-text.ts')
    const { agent } = await attendRunning(flags.name, this.signal)
    const faults = await heal(agent, args.fault === undefined ? 'all' : [args.fault], this.signal)
    if (faults.length === 0) this.say('no fault was in force')
    for (const fault of faults) this.say(chaosText(fault))
    return { faults }
  }
}
