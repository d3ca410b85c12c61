import { Args } from '@oclif/core'
import { VerbCommand } from '../testbed/face/verb-command.ts'

export default class Restart extends VerbCommand {
  static override summary = 'Start a server, a service or a whole place anew; a service picks up this checkout.'
  static override examples = [
    '<%= config.bin %> restart sh/orders',
    '<%= config.bin %> restart bj/mysql',
    '<%= config.bin %> restart bj',
  ]
  static override args = {
    target: Args.string({
      required: true,
      description: 'PLACE/NAME, a place, or the name of a service in all places.',
    }),
  }

  async run(): Promise<object> {
    const { flags, args } = await this.parse(Restart)
    return this.finish(await this.perform('restart', flags, { targets: [args.target] }))
  }
}
