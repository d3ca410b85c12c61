import { Args } from '@oclif/core'
import { TestbedCommand } from '../../testbed/face/command.ts'
import type { ReportDiff } from '../../testbed/report/diff.ts'

export default class ReportDiffCommand extends TestbedCommand {
  static override summary = 'Show what became better or worse from one run to another.'
  static override examples = [
    '<%= config.bin %> report diff 20261121-18 20261121-20',
    '<%= config.bin %> report diff 20261121-18 last --json',
  ]
  static override args = {
    a: Args.string({ required: true, description: 'The earlier run: its id, or how it begins.' }),
    b: Args.string({ description: 'The later run; the newest by default.', default: 'last' }),
  }

  async run(): Promise<ReportDiff> {
    const { args, flags } = await this.parse(ReportDiffCommand)
    const [{ findRun, readReport, runsFolder }, { diffReports }, { diffText }, { folders }] = await Promise.all([
      import('../../testbed/report/runs.ts'),
      import('../../testbed/report/diff.ts'),
      import('../../testbed/report/report-text.ts'),
      import('../../testbed/surroundings/folders.ts'),
    ])
    const folder = runsFolder(folders().state, flags.name)
    const read = async (asked: string) => readReport(folder, await findRun(folder, asked))
    const diff = diffReports(await read(args.a), await read(args.b))
    this.say(diffText(diff))
    return diff
  }
}
