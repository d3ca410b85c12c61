import type { ZoneSwitch } from '@ezone/sdk/model'
import { TestbedCommand } from '../../testbed/face/command.ts'

export default class FailoverList extends TestbedCommand {
  static override summary = 'Show the switches of whole zones, the newest first.'
  static override description = 'As the global ensemble has them: who began each, why, and what became of every shard.'
  static override examples = ['<%= config.bin %> failover list', '<%= config.bin %> failover list --json']

  async run(): Promise<{ switches: readonly ZoneSwitch[] }> {
    const { flags } = await this.parse(FailoverList)
    const [{ findGzs }, { switchesText }] = await Promise.all([
      import('../../testbed/gzs/find-gzs.ts'),
      import('../../testbed/failover/words.ts'),
    ])
    const switches = await (await findGzs(flags.name)).switches(this.signal)
    this.say(switches.length === 0 ? 'no zone was ever switched' : switchesText(switches))
    return { switches }
  }
}
