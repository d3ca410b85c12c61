import type { SubscribersAnswer } from '@ezone/sdk/model'
import { TestbedCommand } from '../../testbed/face/command.ts'

export default class GzsSubscribers extends TestbedCommand {
  static override summary = 'Show who follows the routing table, and under which version each acts.'
  static override examples = ['<%= config.bin %> gzs subscribers', '<%= config.bin %> gzs subscribers --json']

  async run(): Promise<SubscribersAnswer> {
    const { flags } = await this.parse(GzsSubscribers)
    const [{ findGzs }, { subscribersText }] = await Promise.all([
      import('../../testbed/gzs/find-gzs.ts'),
      import('../../testbed/gzs/words.ts'),
    ])
    const answer = await (await findGzs(flags.name)).subscribers(this.signal)
    this.say(subscribersText(answer))
    return answer
  }
}
