import type { HistoryEntry } from '@ezone/sdk/model'
import { Flags } from '@oclif/core'
import { TestbedCommand } from '../../testbed/face/command.ts'

export default class GzsHistory extends TestbedCommand {
  static override summary = 'Show who changed the routing table, when and why; newest first.'
  static override examples = ['<%= config.bin %> gzs history', '<%= config.bin %> gzs history --shard 31 --last 5']
  static override flags = {
    shard: Flags.integer({ summary: 'Changes of this shard alone.', min: 1 }),
    last: Flags.integer({ summary: 'At most so many.', default: 20, min: 1, max: 200 }),
  }

  async run(): Promise<{ entries: readonly HistoryEntry[] }> {
    const { flags } = await this.parse(GzsHistory)
    const [{ findGzs }, { historyText }] = await Promise.all([
      import('../../testbed/gzs/find-gzs.ts'),
      import('../../testbed/gzs/words.ts'),
    ])
    const all = await (await findGzs(flags.name)).history(this.signal)
    const of = ({ changes }: HistoryEntry) => flags.shard === undefined || changes.some((c) => c.shard === flags.shard)
    const entries = all.filter(of).slice(0, flags.last)
    this.say(historyText(entries))
    return { entries }
  }
}
