import { TestbedCommand } from '../../testbed/face/command.ts'
import type { MeasuredPath } from '../../testbed/links/measure.ts'

export default class Links extends TestbedCommand {
  static override summary = 'Measure every path between and within the places: round trip asked and got.'
  static override description =
    'Sends the cheapest request of each protocol on one open connection per path. A path that is faster than its link ' +
    'goes beside it: exit 7. A path that does not answer: exit 5.'
  static override examples = ['<%= config.bin %> links', '<%= config.bin %> links --json']

  async run(): Promise<{ paths: readonly MeasuredPath[] }> {
    const { flags } = await this.parse(Links)
    const { attendRunning } = await import('../../testbed/session/open-up.ts')
    const { agent } = await attendRunning(flags.name, this.signal)
    const asked = agent.ask('POST', '/links/measure', undefined, { ms: 120_000, signal: this.signal })
    const { paths } = (await asked) as { paths: readonly MeasuredPath[] }
    const { pathsText } = await import('../../testbed/face/links-text.ts')
    const { requireAsAsked } = await import('../../testbed/links/verdict.ts')
    this.say(pathsText(paths))
    requireAsAsked(paths)
    return { paths }
  }
}
