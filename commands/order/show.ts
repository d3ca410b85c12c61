import { Args } from '@oclif/core'
import { TestbedCommand } from '../../testbed/face/command.ts'
import type { OrderAnswer } from '../../testbed/orders/answers.ts'

export default class OrderShow extends TestbedCommand {
  static override summary = 'Show an order, found by its id alone.'
  static override examples = ['<%= config.bin %> order show 128349579312300288']
  static override args = { id: Args.string({ required: true, description: 'The id, as `order place` prints it.' }) }

  async run(): Promise<OrderAnswer> {
    const { args, flags } = await this.parse(OrderShow)
    const [{ tagOf }, { findRouter }, { orderAnswer, orderText }] = await Promise.all([
      import('../../testbed/orders/tag-of.ts'),
      import('../../testbed/orders/find-router.ts'),
      import('../../testbed/orders/answers.ts'),
    ])
    // Refused here where it can be no id: no testbed is needed to tell.
    await tagOf({ order: args.id })
    const router = await findRouter(flags.name)
    const answer = orderAnswer(await router.show(args.id, this.signal))
    this.say(orderText(answer))
    return answer
  }
}
