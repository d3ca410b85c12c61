import { Args, Flags } from '@oclif/core'
import { TestbedCommand } from '../../testbed/face/command.ts'
import type { MoveResult } from '../../testbed/gzs/move.ts'

export default class ShardMove extends TestbedCommand {
  static override summary = 'Move a shard to another zone.'
  static override description =
    'Planned: writes of the shard are held, the other zone applies what this one wrote, and takes over; nothing is lost. ' +
    'A move that cannot end in time is rolled back: exit 11. One that runs already is joined, so after a crash the same ' +
    'command goes on. With --takeover the zone it is taken from is not asked: what it has not sent yet stays there until ' +
    'it is back, and rows that both zones have changed are locked then. A shard that was taken moves on as planned once ' +
    'its new zone has all of that.'
  static override examples = [
    '<%= config.bin %> shard move 31 --to bj',
    '<%= config.bin %> shard move 31 --to bj --why "sh is full"',
    '<%= config.bin %> shard move 31 --to bj --takeover --why "sh does not answer"',
  ]
  static override args = { shard: Args.integer({ required: true, min: 1, description: 'The shard, such as 31.' }) }
  static override flags = {
    to: Flags.string({ summary: 'The zone that shall serve it.', required: true, helpValue: 'ZONE' }),
    takeover: Flags.boolean({ summary: 'Take it from a zone that is lost or cut off, without asking it.' }),
    why: Flags.string({ summary: 'Kept in the history of the table.', default: 'asked for by a person' }),
  }

  async run(): Promise<MoveResult> {
    const { args, flags } = await this.parse(ShardMove)
    const [{ findGzs, policyOf }, { moveShard, stepText }, { longestHoldMs }, words, { userText }] = await Promise.all([
      import('../../testbed/gzs/find-gzs.ts'),
      import('../../testbed/gzs/move.ts'),
      import('../../testbed/gzs/holds.ts'),
      import('../../testbed/gzs/words.ts'),
      import('../../testbed/gzs/user.ts'),
    ])
    const mode = flags.takeover ? ('takeover' as const) : ('planned' as const)
    if (flags.takeover) this.say(words.takeoverText(await policyOf(flags.name), flags.to))
    const moved = await moveShard({
      gzs: await findGzs(flags.name),
      request: { shard: args.shard, to: flags.to, mode, who: userText(), why: flags.why },
      signal: this.signal,
      onStep: (step, move) => this.say(stepText(step, move)),
    })
    const result = { ...moved, longestHoldMs: await longestHoldMs(flags.name, this.signal) }
    this.say(words.movedText(result))
    return result
  }
}
