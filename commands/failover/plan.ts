import { Args, Flags } from '@oclif/core'
import { TestbedCommand } from '../../testbed/face/command.ts'
import type { SwitchPlan } from '../../testbed/failover/plan-switch.ts'

export default class FailoverPlan extends TestbedCommand {
  static override summary = 'Show what a switch of a zone would move now, and what it would lose.'
  static override description =
    'Planned, nothing would be lost; what keeps it from beginning is named. Hard, whatever clients were told was done and ' +
    'has not arrived in the other zone: counted from what the routers acknowledged in the last minute. Changes nothing. ' +
    'MySQL only: Kafka and Redis are not replicated.'
  static override examples = ['<%= config.bin %> failover plan sh', '<%= config.bin %> failover plan sh --to bj --json']
  static override args = { zone: Args.string({ required: true, description: 'The zone to be left, such as sh.' }) }
  static override flags = {
    to: Flags.string({ summary: 'The zone that would serve; of two zones the other one.', helpValue: 'ZONE' }),
  }

  async run(): Promise<SwitchPlan> {
    const { args, flags } = await this.parse(FailoverPlan)
    const [{ planSwitch }, { planText }] = await Promise.all([
      import('../../testbed/failover/plan-switch.ts'),
      import('../../testbed/failover/words.ts'),
    ])
    const plan = await planSwitch(flags.name, args.zone, flags.to, this.signal)
    this.say(planText(plan))
    this.next(`ezone failover ${args.zone}${flags.to === undefined ? '' : ` --to ${flags.to}`}`)
    return plan
  }
}
