import { Flags } from '@oclif/core'
import { TestbedCommand } from '../../testbed/face/command.ts'
import type { OrderAnswer } from '../../testbed/orders/answers.ts'

export default class OrderPlace extends TestbedCommand {
  static override summary = 'Place an order in a city, or at a position, through the API Router.'
  static override examples = [
    '<%= config.bin %> order place --city Shanghai',
    '<%= config.bin %> order place --city Yichun,Jiangxi',
    '<%= config.bin %> order place --loc 31.23,121.47 --json',
  ]
  static override flags = {
    city: Flags.string({
      summary: 'A city of data/cells.csv; with its division where there are several of the name.',
      exactlyOne: ['city', 'loc'],
      helpValue: 'NAME[,DIVISION]',
    }),
    loc: Flags.string({ summary: 'A position in degrees, north and east positive.', helpValue: 'LAT,LNG' }),
    key: Flags.string({ summary: 'Makes it safe to repeat: the same key in a zone is the same order.' }),
  }

  async run(): Promise<OrderAnswer> {
    const { flags } = await this.parse(OrderPlace)
    const [{ tagOf }, { findRouter }, { orderAnswer, orderText }, { newTrace }] = await Promise.all([
      import('../../testbed/orders/tag-of.ts'),
      import('../../testbed/orders/find-router.ts'),
      import('../../testbed/orders/answers.ts'),
      import('@ezone/sdk/model'),
    ])
    const tag = await tagOf(flags)
    const router = await findRouter(flags.name)
    const key = flags.key === undefined ? {} : { requestKey: flags.key }
    // One order by hand is worth a line of the log at every hop: `ezone explain` finds them.
    const trace = newTrace({ sampled: true })
    const answer = orderAnswer(await router.place({ tag, ...key, trace, signal: this.signal }))
    this.say(orderText(answer))
    this.next(`ezone explain ${answer.orderId}`)
    return answer
  }
}
