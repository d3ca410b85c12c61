import type { OrderState } from '@ezone/sdk/model'
import { Args, Flags } from '@oclif/core'
import { TestbedCommand } from '../../testbed/face/command.ts'
import type { OrderAnswer } from '../../testbed/orders/answers.ts'

/** Every state but the first, which no move leads to. The model is not loaded for --help alone. */
const states = [
  'paid',
  'accepted',
  'assigned',
  'pickedUp',
  'delivered',
  'cancelled',
] as const satisfies readonly OrderState[]

export default class OrderAdvance extends TestbedCommand {
  static override summary = 'Move an order on: pay it, accept it, bring it, cancel it.'
  static override description =
    'An order goes from created over paid, accepted, assigned and pickedUp to delivered, and may be cancelled until it is ' +
    'picked up. Any other move is refused. Dispatch assigns accepted orders by itself where a rider of the city is free.'
  static override examples = [
    '<%= config.bin %> order advance 128349579312300288 --to paid',
    '<%= config.bin %> order advance 128349579312300288 --to assigned --rider 128349579312300289',
    '<%= config.bin %> order advance 128349579312300288 --to cancelled --key changed-my-mind',
  ]
  static override args = { id: Args.string({ required: true, description: 'The id, as `order place` prints it.' }) }
  static override flags = {
    to: Flags.string({ summary: 'The state it shall come to.', required: true, options: [...states] }),
    rider: Flags.string({ summary: 'Who shall bring it, with --to assigned.', helpValue: 'ID' }),
    key: Flags.string({ summary: 'Makes it safe to repeat: the same key in a shard is the same request.' }),
  }

  async run(): Promise<OrderAnswer> {
    const { args, flags } = await this.parse(OrderAdvance)
    const [{ tagOf }, { findRouter }, { orderAnswer, orderText }] = await Promise.all([
      import('../../testbed/orders/tag-of.ts'),
      import('../../testbed/orders/find-router.ts'),
      import('../../testbed/orders/answers.ts'),
    ])
    // Refused here where they can be no ids: no testbed is needed to tell.
    await tagOf({ order: args.id })
    if (flags.rider !== undefined) await tagOf({ tag: `courier=${flags.rider}` })
    const rider = flags.rider === undefined ? {} : { riderId: flags.rider }
    const move = { to: flags.to as OrderState, ...rider }
    const router = await findRouter(flags.name)
    const key = flags.key === undefined ? {} : { requestKey: flags.key }
    const answer = orderAnswer(await router.advance({ orderId: args.id, move, ...key, signal: this.signal }))
    this.say(orderText(answer))
    return answer
  }
}
