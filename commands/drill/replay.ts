import { Args } from '@oclif/core'
import type { DrillResult } from '../../testbed/drills/drill.ts'
import { TestbedCommand } from '../../testbed/face/command.ts'

export default class DrillReplay extends TestbedCommand {
  static override summary = 'Run a drill again: the same scenario, the same zone, the same seed.'
  static override description =
    'Clients draw the same operations in the same order, and the same steps are taken at the same times. What the ' +
    'machine makes of it may differ. Ids of runs: `ezone report list`.'
  static override examples = [
    '<%= config.bin %> drill replay 20261121-202741-partition',
    '<%= config.bin %> drill replay 20261121-2027 --json',
  ]
  static override args = { run: Args.string({ required: true, description: 'Id of the run, or how it begins.' }) }

  async run(): Promise<DrillResult> {
    const { args, flags } = await this.parse(DrillReplay)
    const [{ readRun }, { drill }, { drillText }, { requireValid }, { folders }] = await Promise.all([
      import('../../testbed/drills/run-folder.ts'),
      import('../../testbed/drills/drill.ts'),
      import('../../testbed/drills/drill-text.ts'),
      import('../../testbed/drills/verdict.ts'),
      import('../../testbed/surroundings/folders.ts'),
    ])
    const { how, text } = await readRun(folders().state, flags.name, args.run)
    const { result, end } = await drill({
      name: flags.name,
      scenario: { file: how.file, text },
      seed: how.seed,
      lost: how.lost,
      signal: this.signal,
      tell: (words) => this.say(words),
    })
    this.say(drillText(result))
    return this.judged(result, () => requireValid(end))
  }
}
