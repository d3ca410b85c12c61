import { Args } from '@oclif/core'
import type { FaultReport } from '../../testbed/chaos/fault.ts'
import { TestbedCommand } from '../../testbed/face/command.ts'

export default class LinksJoin extends TestbedCommand {
  static override summary = 'Join a link again: end all its faults, and see every path answer.'
  static override examples = ['<%= config.bin %> links join bj-sh']
  static override args = { link: Args.string({ required: true, description: 'The link, such as bj-sh.' }) }

  async run(): Promise<{ faults: readonly FaultReport[] }> {
    const { args, flags } = await this.parse(LinksJoin)
    const { attendRunning } = await import('../../testbed/session/open-up.ts')
    const { agent } = await attendRunning(flags.name, this.signal)
    const asked = agent.ask('POST', '/links/join', { link: args.link }, { ms: 120_000, signal: this.signal })
    const { faults } = (await asked) as { faults: readonly FaultReport[] }
    const { faultText } = await import('../../testbed/face/links-text.ts')
    if (faults.length === 0) this.say(`${args.link} had no fault`)
    for (const fault of faults) this.say(faultText(fault))
    return { faults }
  }
}
