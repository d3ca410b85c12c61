import { Flags } from '@oclif/core'
import type { VerifyReport } from '../../testbed/drc/verify/report.ts'
import { TestbedCommand } from '../../testbed/face/command.ts'
import { durationFlag } from '../../testbed/face/duration.ts'

export default class DrcVerify extends TestbedCommand {
  static override summary = 'Compare what the MySQL of every zone holds, row by row.'
  static override description =
    'Reads the databases themselves, beside the replication, and may run under load: rows on their way are waited for. ' +
    'Rows that differ although each zone has applied what the others wrote are named with their columns: exit 7. Where a ' +
    'zone does not answer or does not catch up nothing is known: exit 8.'
  static override examples = [
    '<%= config.bin %> drc verify',
    '<%= config.bin %> drc verify --table delivery.orders --json',
    '<%= config.bin %> drc verify --zones bj,sh --within 10s',
  ]
  static override flags = {
    table: Flags.string({ summary: 'A multi-active table, as schema.table; all by default.', multiple: true }),
    zones: Flags.string({
      summary: 'Zones to compare; all by default.',
      helpValue: 'bj,sh',
      delimiter: ',',
      multiple: true,
    }),
    within: durationFlag({
      summary: 'How long rows on their way are waited for.',
      default: 30_000,
      minMs: 100,
      maxMs: 3_600_000,
    }),
  }

  async run(): Promise<VerifyReport> {
    const { flags } = await this.parse(DrcVerify)
    const [{ verify, patienceOf }, { verifySources }, { requireEqual }, { verifyText }] = await Promise.all([
      import('../../testbed/drc/verify/verify.ts'),
      import('../../testbed/drc/verify/find-verify.ts'),
      import('../../testbed/drc/verify/report.ts'),
      import('../../testbed/drc/verify/verify-text.ts'),
    ])
    const [{ openTestbed }, { folders }, { systemClock }, { LiveLine }] = await Promise.all([
      import('../../testbed/session/testbed.ts'),
      import('../../testbed/surroundings/folders.ts'),
      import('@ezone/sdk/clock'),
      import('../../testbed/face/live-line.ts'),
    ])
    const testbed = await openTestbed(folders().state, flags.name)
    const { table: tables = [], zones = [], within } = flags
    using live = new LiveLine({ silent: this.jsonEnabled(), clock: systemClock })
    const report = await verify({
      ...verifySources(testbed, zones, { clock: systemClock, signal: this.signal }),
      tables,
      patience: patienceOf(within),
      onProgress: (table, rows) => live.show(`${table}: ${rows.toLocaleString('en')} rows`),
    })
    live[Symbol.dispose]()
    this.say(verifyText(report))
    return this.judged(report, () => requireEqual(report))
  }
}
