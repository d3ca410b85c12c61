import type { ShardEntry } from '@ezone/sdk/model'
import { TestbedCommand } from '../../testbed/face/command.ts'

export default class ShardList extends TestbedCommand {
  static override summary = 'List the shards: where each is served, and where it is going.'
  static override examples = ['<%= config.bin %> shard list', '<%= config.bin %> shard list --json']

  async run(): Promise<{ version: number; shards: readonly ShardEntry[] }> {
    const { flags } = await this.parse(ShardList)
    const [{ findGzs }, { shardsText }] = await Promise.all([
      import('../../testbed/gzs/find-gzs.ts'),
      import('../../testbed/gzs/words.ts'),
    ])
    const table = await (await findGzs(flags.name)).table(this.signal)
    this.say(shardsText(table))
    return { version: table.version, shards: table.shards }
  }
}
