import { join } from 'node:path'
import { Args } from '@oclif/core'
import { TestbedCommand } from '../../testbed/face/command.ts'

export default class ReportOpen extends TestbedCommand {
  static override summary = 'Open the page of a run in the browser, or say where it is.'
  static override description =
    'One file that needs no network: it can be sent, archived, attached. Without a terminal or a screen its path is ' +
    'printed and nothing is opened.'
  static override examples = [
    '<%= config.bin %> report open',
    '<%= config.bin %> report open 20261121-202741-partition',
  ]
  static override args = {
    run: Args.string({ description: 'Id of the run, or how it begins; the newest by default.' }),
  }

  async run(): Promise<{ run: string; page: string; opened: boolean }> {
    const { args, flags } = await this.parse(ReportOpen)
    const [{ findRun, reportFiles, runsFolder }, { openPage }, { folders }] = await Promise.all([
      import('../../testbed/report/runs.ts'),
      import('../../testbed/report/open-page.ts'),
      import('../../testbed/surroundings/folders.ts'),
    ])
    const folder = runsFolder(folders().state, flags.name)
    const run = await findRun(folder, args.run)
    const page = join(folder, run, reportFiles.page)
    const program = await openPage(page, process.stdout.isTTY && !this.jsonEnabled())
    this.log(page)
    if (program !== null) this.say(`opened with ${program}`)
    return { run, page, opened: program !== null }
  }
}
