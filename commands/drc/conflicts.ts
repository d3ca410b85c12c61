import { Flags } from '@oclif/core'
import type { Conflicts } from '../../testbed/drc/conflicts.ts'
import { TestbedCommand } from '../../testbed/face/command.ts'

export default class DrcConflicts extends TestbedCommand {
  static override summary = 'List what lost where two zones wrote the same row: both images, newest first.'
  static override description =
    'Of two writes to a row that did not know of each other the later one is kept, in every zone; what lost stands in the ' +
    'conflict table of each zone that had to choose.'
  static override examples = [
    '<%= config.bin %> drc conflicts',
    '<%= config.bin %> drc conflicts --table delivery.orders --key 128349579312300288 --json',
  ]
  static override flags = {
    table: Flags.string({ summary: 'Of one table, as schema.table.' }),
    key: Flags.string({ summary: 'Of one row, by its primary key; once for each of its columns.', multiple: true }),
    limit: Flags.integer({ summary: 'At most so many of each zone.', default: 100, min: 1, max: 1_000 }),
  }

  async run(): Promise<Conflicts> {
    const { flags } = await this.parse(DrcConflicts)
    const [{ conflictsText, findConflicts, requireHeard }, { drcDoors }, { openTestbed }, { folders }] =
      await Promise.all([
        import('../../testbed/drc/conflicts.ts'),
        import('../../testbed/drc/find-drc.ts'),
        import('../../testbed/session/testbed.ts'),
        import('../../testbed/surroundings/folders.ts'),
      ])
    const { blueprint } = await openTestbed(folders().state, flags.name)
    const found = await findConflicts(drcDoors(blueprint), { ...flags, key: flags.key?.join('\x1f') }, this.signal)
    this.say(conflictsText(found))
    return this.judged(found, () => requireHeard(found))
  }
}
