import { Args } from '@oclif/core'
import { TestbedCommand } from '../testbed/face/command.ts'
import { switchFlags } from '../testbed/face/switch-flags.ts'
import type { Switched } from '../testbed/failover/run-switch.ts'

export default class Failback extends TestbedCommand {
  static override summary = 'Give a zone back the shards that are its own by the topology.'
  static override description =
    'A planned switch of those that another zone serves. Refused (exit 11) while a fault is in force, the replication is ' +
    'behind, the rows of the zones differ, a takeover is not settled, or orders are locked: what is red is named.'
  static override examples = [
    '<%= config.bin %> failback sh',
    '<%= config.bin %> failback sh --canary --why "sh is back"',
    '<%= config.bin %> failback sh --allow-locked',
  ]
  static override args = { zone: Args.string({ required: true, description: 'The zone that comes back, such as sh.' }) }
  static override flags = switchFlags()

  async run(): Promise<Switched> {
    const { args, flags } = await this.parse(Failback)
    const [{ runFailback }, words] = await Promise.all([
      import('../testbed/failover/failback.ts'),
      import('../testbed/failover/words.ts'),
    ])
    const result = await runFailback({
      name: flags.name,
      home: args.zone,
      canary: flags.canary === true,
      why: flags.why,
      allowLocked: flags['allow-locked'] === true,
      signal: this.signal,
      ...words.told((line) => this.say(line)),
    })
    this.say(words.switchedText(result))
    return this.judged(result, () => words.requireSwitched(result))
  }
}
