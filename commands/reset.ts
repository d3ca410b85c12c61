import { VerbCommand } from '../testbed/face/verb-command.ts'

export default class Reset extends VerbCommand {
  static override summary = 'Start again with empty data; addresses and credentials stay.'
  static override examples = ['<%= config.bin %> reset']

  async run(): Promise<object> {
    const { flags } = await this.parse(Reset)
    return this.finish(await this.perform('reset', flags))
  }
}
