import { EzoneCommand } from '../testbed/face/command.ts'

export default class Ps extends EzoneCommand {
  static override summary = 'List all testbeds of this user.'
  static override examples = ['<%= config.bin %> ps', '<%= config.bin %> ps --json']

  async run(): Promise<object> {
    await this.parse(Ps)
    const [{ listTestbeds }, { table }] = await Promise.all([
      import('../testbed/session/list.ts'),
      import('../testbed/face/table.ts'),
    ])
    const testbeds = await listTestbeds(this.signal)
    if (testbeds.length === 0) this.say('no testbeds; `ezone up` starts one')
    else
      this.say(
        table(
          ['testbed', 'state', 'runtime', 'running', 'blocks', 'made'],
          testbeds.map((t) => [
            t.name,
            t.state,
            t.runtime,
            `${t.running} of ${t.specs}`,
            t.blocks.join(' '),
            t.createdAt,
          ]),
        ),
      )
    return { testbeds }
  }
}
