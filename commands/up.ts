import { systemClock } from '@ezone/sdk/clock'
import { plantedBugNames } from '@ezone/sdk/model'
import { Flags } from '@oclif/core'
import { TestbedCommand } from '../testbed/face/command.ts'
import { paint } from '../testbed/face/paint.ts'
import { openProgress, progressMode } from '../testbed/face/progress.ts'
import { env } from '../testbed/surroundings/env.ts'

export default class Up extends TestbedCommand {
  static override summary = 'Start the data centres, or whatever of them is missing.'
  static override description =
    'Observes what runs, plans what is missing, does just that, and measures every path between the places. ' +
    'A second `up` finds nothing to do. Reads ezone.yaml of this folder where there is one.'
  static override examples = [
    '<%= config.bin %> up',
    '<%= config.bin %> up --dry-run',
    '<%= config.bin %> up --name two --runtime docker --images local',
    '<%= config.bin %> up --name broken --sabotage no-fence',
  ]
  static override flags = {
    file: Flags.string({ char: 'f', summary: 'Topology file instead of ./ezone.yaml.' }),
    runtime: Flags.option({
      summary: 'How servers run: as processes, in containers, or in containers where an engine answers.',
      options: ['auto', 'process', 'docker'] as const,
      default: 'auto',
    })(),
    images: Flags.option({
      summary: 'Container images: built from the server cache, from a registry, or whichever can be had.',
      options: ['auto', 'local', 'registry'] as const,
      default: 'auto',
    })(),
    'registry-mirror': Flags.string({ summary: 'Host that serves the images instead of the public registry.' }),
    addresses: Flags.option({
      summary: 'Loopback blocks of their own for places, or ports of 127.0.0.1 where a system has no others.',
      options: ['auto', 'blocks', 'ports'] as const,
      default: 'auto',
    })(),
    sabotage: Flags.option({
      summary: 'Bugs to plant in the services of a new testbed, to see a drill find them; they stay until `down`.',
      options: plantedBugNames,
      multiple: true,
      delimiter: ',',
    })(),
    'dry-run': Flags.boolean({ summary: 'Show the plan and do nothing.' }),
    events: Flags.boolean({ summary: 'Print every event as a line of JSON on stdout.', exclusive: ['json'] }),
  }

  async run(): Promise<object> {
    const { flags } = await this.parse(Up)
    const { openUp, planOf } = await import('../testbed/session/open-up.ts')
    const wish = {
      name: flags.name,
      folder: process.cwd(),
      ...(flags.file !== undefined && { file: flags.file }),
      runtime: flags.runtime,
      images: flags.images,
      registryMirror: flags['registry-mirror'] ?? null,
      addresses: flags.addresses,
      sabotage: flags.sabotage,
      onRuntime: (text: string) => this.say(text),
    }
    if (flags['dry-run']) {
      const { planText } = await import('../testbed/session/plan.ts')
      const plan = await planOf(wish, this.signal)
      this.say(planText(plan))
      return plan
    }
    const mode = progressMode({ json: this.jsonEnabled(), events: flags.events, ci: env('CI') !== undefined })
    const { upText } = await import('../testbed/face/up-text.ts')
    const result = await (async () => {
      await using progress = await openProgress(mode, flags.name)
      return await openUp(wish, systemClock, progress.onEvent.bind(progress), this.signal)
    })()
    this.say(upText(result, await paint()))
    this.next('ezone order place --city Shanghai')
    return result
  }
}
