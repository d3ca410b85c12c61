import { Args, Flags } from '@oclif/core'
import { TestbedCommand } from '../testbed/face/command.ts'

export default class Logs extends TestbedCommand {
  static override summary = 'Show what servers and services printed.'
  static override examples = [
    '<%= config.bin %> logs sh/orders',
    '<%= config.bin %> logs bj --lines 5',
    '<%= config.bin %> logs edge/router --follow',
  ]
  static override args = {
    target: Args.string({ description: 'PLACE/NAME, a place, a name, or `agent`; everything where it is left out.' }),
  }
  static override flags = {
    lines: Flags.integer({ char: 'l', summary: 'Lines of each.', default: 20, min: 1, max: 10_000 }),
    follow: Flags.boolean({ char: 'f', summary: 'Go on with new lines until Ctrl-C.' }),
  }

  async run(): Promise<object> {
    const { flags, args } = await this.parse(Logs)
    const { openLogs } = await import('../testbed/session/logs.ts')
    const logs = await openLogs(flags.name, args.target)
    const lines = await logs.tail(flags.lines)
    for (const line of lines) this.log(`${line.source} | ${line.text}`)
    if (flags.follow && !this.jsonEnabled())
      for await (const line of logs.follow(this.signal)) this.log(`${line.source} | ${line.text}`)
    return { lines }
  }
}
