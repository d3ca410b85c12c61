import type { Explanation } from '@ezone/sdk/model'
import { Flags } from '@oclif/core'
import { TestbedCommand } from '../../testbed/face/command.ts'

export default class RouteExplain extends TestbedCommand {
  static override summary = 'Tell where a request would go, and why.'
  static override examples = [
    '<%= config.bin %> route explain --loc 31.23,121.47',
    '<%= config.bin %> route explain --city Xiamen',
    '<%= config.bin %> route explain --order 128349579312300288',
  ]
  static override flags = {
    loc: Flags.string({
      summary: 'A position in degrees, north and east positive.',
      exactlyOne: ['loc', 'city', 'order', 'tag'],
      helpValue: 'LAT,LNG',
    }),
    city: Flags.string({ summary: 'A city of data/cells.csv.', helpValue: 'NAME[,DIVISION]' }),
    order: Flags.string({ summary: 'The id of an order.', helpValue: 'ID' }),
    tag: Flags.string({ summary: 'Any tag, as in the header x-ezone-tag.', helpValue: 'KEY=VALUE[; ..]' }),
  }

  async run(): Promise<Explanation> {
    const { flags } = await this.parse(RouteExplain)
    const [{ tagOf }, { findRouter }, { explanationText }] = await Promise.all([
      import('../../testbed/orders/tag-of.ts'),
      import('../../testbed/orders/find-router.ts'),
      import('../../testbed/orders/answers.ts'),
    ])
    const tag = await tagOf(flags)
    const router = await findRouter(flags.name)
    const explanation = await router.explain(tag, this.signal)
    this.say(explanationText(explanation))
    return explanation
  }
}
