import { Args, Flags } from '@oclif/core'
import type { DevResult } from '../testbed/dev/dev.ts'
import { TestbedCommand } from '../testbed/face/command.ts'

export default class Dev extends TestbedCommand {
  static override summary = 'Run a service of your own in every zone of the testbed, and again whenever you save it.'
  static override description =
    'Reads ezone.service.json of the folder, starts the service in each zone with what a service there is told, and ' +
    'shows what all of them print. What is saved is started beside what runs, one zone after the other; what does not ' +
    'come to serve takes nothing away. Ctrl-C ends it all. docs/guide/dev.md describes the file.'
  static override examples = [
    '<%= config.bin %> dev',
    '<%= config.bin %> dev ../demo --zone sh',
    '<%= config.bin %> dev examples/python-service --events',
  ]
  static override args = {
    project: Args.string({ description: 'The folder of the service, or its name in its own folder.' }),
  }
  static override flags = {
    zone: Flags.string({ summary: 'In one zone alone.', helpValue: 'ZONE' }),
    events: Flags.boolean({ summary: 'Print every event as a line of JSON on stdout.', exclusive: ['json'] }),
  }

  async run(): Promise<DevResult> {
    const { args, flags } = await this.parse(Dev)
    const [{ devGround }, { dev }, { openDevFace }] = await Promise.all([
      import('../testbed/dev/open-dev.ts'),
      import('../testbed/dev/dev.ts'),
      import('../testbed/face/dev-face.ts'),
    ])
    const { name, zone, events } = flags
    const ground = await devGround({ project: args.project, here: process.cwd(), testbed: name, zone }, this.signal)
    const zones = ground.zones.map((one) => one.name)
    this.say(`${ground.project.name} in ${zones.join(' and ')}; reloads on save, Ctrl-C ends it`)
    const mode = events ? 'events' : this.jsonEnabled() ? 'silent' : 'text'
    const result = await dev(ground, await openDevFace(mode, zones), this.signal)
    this.say(`${result.name} has ended`)
    return result
  }
}
