import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Args, Flags } from '@oclif/core'
import { TestbedCommand } from '../../testbed/face/command.ts'
import type { Report } from '../../testbed/report/schema.ts'

export default class ReportShow extends TestbedCommand {
  static override summary = 'Print the report of a run: Markdown for a pull request, JUnit XML for a CI, or JSON.'
  static override examples = [
    '<%= config.bin %> report show',
    '<%= config.bin %> report show 20261121-202741-partition --format md --lang zh',
    '<%= config.bin %> report show --format junit > junit.xml',
  ]
  static override args = {
    run: Args.string({ description: 'Id of the run, or how it begins; the newest by default.' }),
  }
  static override flags = {
    format: Flags.string({ summary: 'What to print.', options: ['md', 'junit', 'json'], default: 'md' }),
    lang: Flags.string({ summary: 'Language of the Markdown.', options: ['en', 'zh'], default: 'en' }),
  }

  async run(): Promise<Report> {
    const { args, flags } = await this.parse(ReportShow)
    const [{ findRun, readReport, reportFiles, runsFolder }, { markdownOf }, { junitOf }, { folders }] =
      await Promise.all([
        import('../../testbed/report/runs.ts'),
        import('../../testbed/report/markdown.ts'),
        import('../../testbed/report/junit.ts'),
        import('../../testbed/surroundings/folders.ts'),
      ])
    const folder = runsFolder(folders().state, flags.name)
    const run = await findRun(folder, args.run)
    const report = await readReport(folder, run)
    const texts = {
      md: async () => markdownOf(report, flags.lang === 'zh' ? 'zh' : 'en'),
      junit: async () => junitOf(report),
      json: () => readFile(join(folder, run, reportFiles.truth), 'utf8'),
    }
    const text = await texts[flags.format as keyof typeof texts]()
    this.log(text.trimEnd())
    return report
  }
}
