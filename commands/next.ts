import { Flags } from '@oclif/core'
import { EzoneCommand } from '../testbed/face/command.ts'
import { paint } from '../testbed/face/paint.ts'
import type { Seen, Step } from '../testbed/next/seen.ts'

export default class Next extends EzoneCommand {
  static override summary = 'Show what there is, and the three most useful next commands; `ezone` alone does the same.'
  static override examples = ['<%= config.bin %>', '<%= config.bin %> next', '<%= config.bin %> --name two --json']
  static override flags = {
    name: Flags.string({
      char: 'n',
      summary: 'Testbed the commands shall be about; by default the one that needs somebody most.',
      env: 'EZONE_NAME',
    }),
  }

  async run(): Promise<{ testbeds: readonly Seen[]; about: string | null; next: readonly Step[] }> {
    const { flags } = await this.parse(Next)
    const [{ lookAtAll }, { nextSteps }, { nextText, troubles }] = await Promise.all([
      import('../testbed/next/look.ts'),
      import('../testbed/next/steps.ts'),
      import('../testbed/next/next-text.ts'),
    ])
    const testbeds = await lookAtAll(this.signal)
    const { about, steps } = nextSteps(testbeds, flags.name)
    // Colours take a while to load; most of the time there is nothing to colour.
    const { red } = testbeds.some((seen) => troubles(seen).length > 0) ? await paint() : { red: String }
    this.say(nextText(testbeds, steps, red))
    return { testbeds, about, next: steps }
  }
}
