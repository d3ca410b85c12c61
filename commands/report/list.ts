import { TestbedCommand } from '../../testbed/face/command.ts'
import type { ListedRun } from '../../testbed/report/list-runs.ts'

export default class ReportList extends TestbedCommand {
  static override summary = 'List the runs that have a report, newest first.'
  static override description = 'Reports outlive their testbed: `down` leaves them, `uninstall` removes them.'
  static override examples = ['<%= config.bin %> report list', '<%= config.bin %> report list --json']

  async run(): Promise<{ runs: readonly ListedRun[] }> {
    const { flags } = await this.parse(ReportList)
    const [{ listRuns }, { runsFolder }, { runsText }, { folders }] = await Promise.all([
      import('../../testbed/report/list-runs.ts'),
      import('../../testbed/report/runs.ts'),
      import('../../testbed/report/report-text.ts'),
      import('../../testbed/surroundings/folders.ts'),
    ])
    const runs = await listRuns(runsFolder(folders().state, flags.name))
    this.say(runsText(runs))
    if (runs.length > 0) this.next('ezone report open')
    return { runs }
  }
}
