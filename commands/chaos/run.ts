import { Args } from '@oclif/core'
import type { FaultReport } from '../../testbed/chaos/fault.ts'
import type { BlastRadius } from '../../testbed/chaos/kinds.ts'
import { faultFlags, requestOf } from '../../testbed/face/chaos-flags.ts'
import { TestbedCommand } from '../../testbed/face/command.ts'

export default class ChaosRun extends TestbedCommand {
  static override summary = 'Break something on purpose, for a time, and return once it is shown to be broken.'
  static override description =
    '`ezone chaos list` says what kinds there are and what each of them really does. The agent ends the fault when its time ' +
    'is over, whether or not anybody waits for it.'
  static override examples = [
    '<%= config.bin %> chaos run partition bj-sh --direction bj:sh',
    '<%= config.bin %> chaos run latency bj-sh --latency 100ms --jitter 30ms',
    '<%= config.bin %> chaos run kill sh/mysql --for 30s',
    '<%= config.bin %> chaos run power-loss sh --dry-run --json',
    '<%= config.bin %> chaos run clock-skew bj/orders --by=-500ms',
  ]
  static override args = {
    kind: Args.string({ required: true, description: 'The kind of fault.' }),
    target: Args.string({ required: true, description: 'A link, a zone, or ZONE/NAME, as the kind wants it.' }),
  }
  static override flags = faultFlags

  async run(): Promise<{ faults: readonly FaultReport[] } | BlastRadius> {
    const { args, flags } = await this.parse(ChaosRun)
    const request = requestOf(args.kind, args.target, flags)
    const { attend, attendRunning } = await import('../../testbed/session/open-up.ts')
    const { inject, planFault } = await import('../../testbed/chaos/client.ts')
    const { chaosText, radiusText } = await import('../../testbed/face/chaos-text.ts')
    if (flags['dry-run']) {
      const { agent } = await attend(flags.name, this.signal)
      const radius = await planFault(agent, request, this.signal)
      this.say(radiusText(radius))
      return radius
    }
    const { agent } = await attendRunning(flags.name, this.signal)
    const { requireInForce } = await import('../../testbed/chaos/fault.ts')
    const fault = await inject(agent, request, this.signal)
    this.say(chaosText(fault))
    if (fault.state !== 'ended') this.next(`ezone chaos heal ${fault.id}`)
    return this.judged({ faults: [fault] }, () => requireInForce([fault]))
  }
}
