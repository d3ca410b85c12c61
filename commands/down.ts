import { Flags } from '@oclif/core'
import { TestbedCommand } from '../testbed/face/command.ts'

export default class Down extends TestbedCommand {
  static override summary = 'Remove a testbed: servers, services, containers, networks and data.'
  static override description =
    'Works whatever state the testbed is in, with or without its agent, also one made by another version; one that is ' +
    'not there is no error. ' +
    'To keep the data use `stop`.'
  static override examples = [
    '<%= config.bin %> down',
    '<%= config.bin %> down --name two',
    '<%= config.bin %> down --all',
  ]
  static override flags = { all: Flags.boolean({ summary: 'Every testbed of this user.' }) }

  async run(): Promise<object> {
    const { flags } = await this.parse(Down)
    const [{ takeDown }, { testbedNames }, { folders }] = await Promise.all([
      import('../testbed/session/take-down.ts'),
      import('../testbed/session/names.ts'),
      import('../testbed/surroundings/folders.ts'),
    ])
    const { state } = folders()
    const known = await testbedNames(state)
    const names = flags.all ? known : known.filter((name) => name === flags.name)
    const removed = await Promise.all(names.map((name) => takeDown(state, name, this.signal)))
    for (const r of removed) this.say(`${r.name}: gone (${r.processes} processes ended)`)
    if (removed.length === 0) this.say('there was nothing to remove')
    return { removed }
  }
}
