import { Flags } from '@oclif/core'
import { TestbedCommand } from '../../testbed/face/command.ts'
import type { GlobalMoveResult } from '../../testbed/gzs/global-move.ts'

export default class GlobalMoveCommand extends TestbedCommand {
  static override summary = 'Let another zone take the writes of the Global Zone.'
  static override description =
    'Planned: the old master takes no writes any more, the new one executes all of its, and takes over; writers wait ' +
    'meanwhile, nothing is lost. A move that cannot end in time is rolled back: exit 11. With --hard the old master is ' +
    'not asked. Where every write was in every zone before it was acknowledged, nothing is lost either; else the policy ' +
    '`strict` refuses it, and --accept-loss insists. When the old master comes back it follows only after what it alone ' +
    'had was put aside. The same command again joins a move that runs, so after a crash it goes on.'
  static override examples = [
    '<%= config.bin %> global move --to sh',
    '<%= config.bin %> global move --to sh --hard --why "bj does not answer"',
  ]
  static override flags = {
    to: Flags.string({ summary: 'The zone that shall take the writes.', required: true, helpValue: 'ZONE' }),
    hard: Flags.boolean({ summary: 'Take it from a zone that is lost or cut off, without asking it.' }),
    'accept-loss': Flags.boolean({ summary: 'Also where acknowledged writes may be lost.', dependsOn: ['hard'] }),
    why: Flags.string({ summary: 'Kept in the truth.', default: 'asked for by a person' }),
  }

  async run(): Promise<GlobalMoveResult> {
    const { flags } = await this.parse(GlobalMoveCommand)
    const [{ findGzs }, { moveGlobal }, words, { userText }] = await Promise.all([
      import('../../testbed/gzs/find-gzs.ts'),
      import('../../testbed/gzs/global-move.ts'),
      import('../../testbed/gzs/global-text.ts'),
      import('../../testbed/gzs/user.ts'),
    ])
    const { to, why } = flags
    const gzs = await findGzs(flags.name)
    const { master: from } = (await gzs.globalStatus(this.signal)).zone
    const mode = flags.hard ? ('hard' as const) : ('planned' as const)
    const moved = await moveGlobal({
      gzs,
      request: { to, mode, who: userText(), why, acceptLoss: flags['accept-loss'] },
      signal: this.signal,
      onStep: (step) => this.say(words.globalStepText(step, { from, to })),
    })
    this.say(words.globalMovedText(moved))
    return moved
  }
}
