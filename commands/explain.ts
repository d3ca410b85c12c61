import { Args } from '@oclif/core'
import type { Explained } from '../testbed/explain/explained.ts'
import { TestbedCommand } from '../testbed/face/command.ts'

export default class Explain extends TestbedCommand {
  static override summary =
    'Tell why an order is where it is: tag, rule, shard, zone, epoch, fence, and its row in every zone.'
  static override description =
    'Asks the router where the order belongs, GZS how its shard came to be there, and the MySQL of every zone directly ' +
    'what it holds: versions, fence, conflicts. With the trace of its last write: where that was met on its way.'
  static override examples = [
    '<%= config.bin %> explain 128349579312300288',
    '<%= config.bin %> explain 128349579312300288 --json',
  ]
  static override args = { order: Args.string({ required: true, description: 'The id of the order.' }) }

  async run(): Promise<Explained> {
    const { args, flags } = await this.parse(Explain)
    const [{ explain }, { story }, { findRouter }, { findGzs }, { openTestbed }, { folders }] = await Promise.all([
      import('../testbed/explain/explain.ts'),
      import('../testbed/explain/story.ts'),
      import('../testbed/orders/find-router.ts'),
      import('../testbed/gzs/find-gzs.ts'),
      import('../testbed/session/testbed.ts'),
      import('../testbed/surroundings/folders.ts'),
    ])
    const { blueprint, credentials, folder } = await openTestbed(folders().state, flags.name)
    const [router, gzs] = await Promise.all([findRouter(flags.name), findGzs(flags.name)])
    const sources = { router, gzs, blueprint, credentials, folder, signal: this.signal }
    const explained = await explain(args.order, sources)
    this.say(story(explained))
    return explained
  }
}
