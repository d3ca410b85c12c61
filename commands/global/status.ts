import type { GlobalStatus } from '@ezone/sdk/model'
import { TestbedCommand } from '../../testbed/face/command.ts'

export default class GlobalStatusCommand extends TestbedCommand {
  static override summary = 'Show which zone takes the writes of the Global Zone, and how the others follow.'
  static override description =
    'Also what a server had that the new master never saw: it was put aside before the server was made anew.'
  static override examples = ['<%= config.bin %> global status', '<%= config.bin %> global status --json']

  async run(): Promise<GlobalStatus> {
    const { flags } = await this.parse(GlobalStatusCommand)
    const [{ findGzs }, { globalStatusText }] = await Promise.all([
      import('../../testbed/gzs/find-gzs.ts'),
      import('../../testbed/gzs/global-text.ts'),
    ])
    const status = await (await findGzs(flags.name)).globalStatus(this.signal)
    this.say(globalStatusText(status))
    return status
  }
}
