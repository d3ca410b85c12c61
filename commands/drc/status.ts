import type { DrcReport } from '../../testbed/drc/status.ts'
import { TestbedCommand } from '../../testbed/face/command.ts'

export default class DrcStatus extends TestbedCommand {
  static override summary =
    'Show every lane of the replication: who carries it, how far it is, and why one stands still.'
  static override description =
    'A lane is a zone’s changes on their way into its log, or out of that log into another zone. Heads and positions are ' +
    'read from the databases themselves. A lane that met what it cannot carry stays before it: exit 7. One that does not ' +
    'run for another reason, or of which nobody tells: exit 8.'
  static override examples = ['<%= config.bin %> drc status', '<%= config.bin %> drc status --json']

  async run(): Promise<DrcReport> {
    const { flags } = await this.parse(DrcStatus)
    const [{ drcStatus }, { requireRunning }, { statusText }, { openTestbed }, { folders }, { systemClock }] =
      await Promise.all([
        import('../../testbed/drc/status.ts'),
        import('../../testbed/drc/lanes.ts'),
        import('../../testbed/drc/status-text.ts'),
        import('../../testbed/session/testbed.ts'),
        import('../../testbed/surroundings/folders.ts'),
        import('@ezone/sdk/clock'),
      ])
    const { blueprint, credentials } = await openTestbed(folders().state, flags.name)
    const report = await drcStatus({ blueprint, credentials, clock: systemClock, signal: this.signal })
    this.say(statusText(report))
    return this.judged(report, () => requireRunning(report.lanes))
  }
}
