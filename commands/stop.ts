import { VerbCommand } from '../testbed/face/verb-command.ts'

export default class Stop extends VerbCommand {
  static override summary = 'Stop all servers and services politely and keep the data.'
  static override examples = ['<%= config.bin %> stop', '<%= config.bin %> stop --name two']

  async run(): Promise<object> {
    const { flags } = await this.parse(Stop)
    const status = await this.perform('stop', flags)
    this.say(`${flags.name}: stopped; its data is kept`)
    this.next('ezone start')
    return status
  }
}
