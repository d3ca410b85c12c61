import type { RoutingTable } from '@ezone/sdk/model'
import { TestbedCommand } from '../../testbed/face/command.ts'

export default class GzsTable extends TestbedCommand {
  static override summary = 'Show the routing table: which zone serves which shard, under which epoch.'
  static override examples = ['<%= config.bin %> gzs table', '<%= config.bin %> gzs table --json']

  async run(): Promise<RoutingTable> {
    const { flags } = await this.parse(GzsTable)
    const [{ findGzs }, { shardsText }] = await Promise.all([
      import('../../testbed/gzs/find-gzs.ts'),
      import('../../testbed/gzs/words.ts'),
    ])
    const table = await (await findGzs(flags.name)).table(this.signal)
    this.say(shardsText(table))
    return table
  }
}
