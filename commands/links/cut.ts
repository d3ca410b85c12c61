import { Args, Flags } from '@oclif/core'
import type { FaultReport } from '../../testbed/chaos/fault.ts'
import { TestbedCommand } from '../../testbed/face/command.ts'
import { durationFlag } from '../../testbed/face/duration.ts'

export default class LinksCut extends TestbedCommand {
  static override summary = 'Cut a link, both ways or one way, for a time.'
  static override description =
    'Bytes on the way are lost, and every connection that lived through the cut is closed when it ends, as after any cut ' +
    "longer than TCP's patience. The agent ends the cut when its time is over, whether or not anybody waits for it."
  static override examples = [
    '<%= config.bin %> links cut bj-sh',
    '<%= config.bin %> links cut bj-sh --for 5m',
    '<%= config.bin %> links cut bj-sh --direction bj:sh',
  ]
  static override args = { link: Args.string({ required: true, description: 'The link, such as bj-sh.' }) }
  static override flags = {
    direction: Flags.string({ summary: 'Cut one way alone: FROM:TO.', helpValue: 'FROM:TO' }),
    for: durationFlag({ summary: 'How long.', default: 60_000, minMs: 1_000, maxMs: 24 * 3_600_000 }),
  }

  async run(): Promise<{ faults: readonly FaultReport[] }> {
    const { args, flags } = await this.parse(LinksCut)
    const { attendRunning } = await import('../../testbed/session/open-up.ts')
    const { parseDirection } = await import('../../testbed/links/direction.ts')
    const direction = flags.direction === undefined ? null : parseDirection(flags.direction)
    const { agent } = await attendRunning(flags.name, this.signal)
    const body = { link: args.link, direction, forMs: flags.for }
    const asked = agent.ask('POST', '/links/cut', body, { ms: 120_000, signal: this.signal })
    const { faults } = (await asked) as { faults: readonly FaultReport[] }
    const { faultText } = await import('../../testbed/face/links-text.ts')
    const { requireInForce } = await import('../../testbed/chaos/fault.ts')
    for (const fault of faults) this.say(faultText(fault))
    requireInForce(faults)
    this.next(`ezone links join ${args.link}`)
    return { faults }
  }
}
