import { Args, Flags } from '@oclif/core'
import { TestbedCommand } from '../../testbed/face/command.ts'
import { switchFlags } from '../../testbed/face/switch-flags.ts'
import type { Switched } from '../../testbed/failover/run-switch.ts'

export default class Failover extends TestbedCommand {
  static override summary = 'Move all shards of a zone, or some of them, to another zone.'
  static override description =
    'Planned: writes are held, a few shards at a time, until the other zone has applied everything; nothing is lost, or ' +
    'nothing is begun. Hard, for a zone that is lost or cut off: its shards are taken without asking it; orders of which ' +
    'more was acknowledged than had arrived are locked and named. The switch stands in the global ensemble and is driven ' +
    'by GZS: it goes on when this command ends, and the same command follows it again. MySQL only: Kafka and Redis are ' +
    'not replicated.'
  static override examples = [
    '<%= config.bin %> failover sh --why "sh is to be upgraded"',
    '<%= config.bin %> failover sh --canary',
    '<%= config.bin %> failover sh --shards 31,32 --to bj',
    '<%= config.bin %> failover sh --hard --why "sh does not answer"',
  ]
  static override args = { zone: Args.string({ required: true, description: 'The zone to be left, such as sh.' }) }
  static override flags = {
    to: Flags.string({ summary: 'The zone that shall serve them; of two zones the other one.', helpValue: 'ZONE' }),
    planned: Flags.boolean({ summary: 'Ask the zone, and lose nothing. The default.', exclusive: ['hard'] }),
    hard: Flags.boolean({ summary: 'Take them from a zone that is lost or cut off, without asking it.' }),
    shards: Flags.integer({
      summary: 'These alone.',
      helpValue: '31,32',
      delimiter: ',',
      multiple: true,
      min: 1,
    }),
    ...switchFlags(),
  }

  async run(): Promise<Switched> {
    const { args, flags } = await this.parse(Failover)
    const [{ runSwitch }, words, { policyOf }, { takeoverText }] = await Promise.all([
      import('../../testbed/failover/run-switch.ts'),
      import('../../testbed/failover/words.ts'),
      import('../../testbed/gzs/find-gzs.ts'),
      import('../../testbed/gzs/words.ts'),
    ])
    if (flags.hard) this.say(takeoverText(await policyOf(flags.name), flags.to ?? 'the other zone'))
    const result = await runSwitch({
      name: flags.name,
      from: args.zone,
      ...(flags.to !== undefined && { to: flags.to }),
      mode: flags.hard ? 'hard' : 'planned',
      shards: flags.shards ?? [],
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
