import { VerbCommand } from '../testbed/face/verb-command.ts'

export default class Start extends VerbCommand {
  static override summary = 'Start a stopped testbed again, with its data.'
  static override examples = ['<%= config.bin %> start']

  async run(): Promise<object> {
    const { flags } = await this.parse(Start)
    return this.finish(await this.perform('start', flags))
  }
}
