import { Flags } from '@oclif/core'
import { EzoneCommand } from '../../testbed/face/command.ts'
import type { Removed } from '../../testbed/servers/prune.ts'

export default class ServersPrune extends EzoneCommand {
  static override summary = 'Remove servers from the cache; without flags those that no `up` would use.'
  static override description = 'Refuses while a running process needs one of them. Without flags: --corrupt --older.'
  static override examples = [
    '<%= config.bin %> servers prune',
    '<%= config.bin %> servers prune --corrupt',
    '<%= config.bin %> servers prune --all',
  ]
  static override flags = {
    corrupt: Flags.boolean({ summary: 'Those whose files are not what was installed.' }),
    older: Flags.boolean({ summary: 'Other versions and architectures, and older copies.' }),
    all: Flags.boolean({ summary: 'All of them.', exclusive: ['corrupt', 'older'] }),
  }

  async run(): Promise<{ removed: readonly Removed[] }> {
    const { flags } = await this.parse(ServersPrune)
    const { folders } = await import('../../testbed/surroundings/folders.ts')
    const { prune } = await import('../../testbed/servers/prune.ts')
    const unsaid = !flags.corrupt && !flags.older && !flags.all
    const removed = await prune({
      cacheDir: folders().cache,
      corrupt: flags.corrupt || unsaid,
      older: flags.older || unsaid,
      all: flags.all,
      signal: this.signal,
    })
    for (const { what, why, where } of removed) this.say(`removed ${what}: ${why} (${where})`)
    if (removed.length === 0) this.say('nothing to remove')
    return { removed }
  }
}
