import { Flags } from '@oclif/core'
import { TestbedCommand } from '../testbed/face/command.ts'
import type { DemoResult } from '../testbed/orders/demo.ts'

export default class Demo extends TestbedCommand {
  static override summary = 'Place a few hundred orders as the country would, and tell where they landed.'
  static override examples = ['<%= config.bin %> demo', '<%= config.bin %> demo --orders 1000 --seed 7719']
  static override flags = {
    orders: Flags.integer({ summary: 'How many orders.', default: 300, min: 1, max: 100_000 }),
    seed: Flags.integer({
      summary: 'Draws the same orders again; by default another one each time.',
      min: 0,
      max: 2 ** 31 - 1,
    }),
  }

  async run(): Promise<DemoResult> {
    const { flags } = await this.parse(Demo)
    const [{ randomInt }, { findRouter }, { readGroundData }, { demoText, runDemo }] = await Promise.all([
      import('node:crypto'),
      import('../testbed/orders/find-router.ts'),
      import('../testbed/orders/ground-data.ts'),
      import('../testbed/orders/demo.ts'),
    ])
    const seed = flags.seed ?? randomInt(2 ** 31)
    const router = await findRouter(flags.name)
    this.say(`placing ${flags.orders} orders (seed ${seed})`)
    const { orders } = flags
    const result = await runDemo({ router, ...(await readGroundData()), orders, seed, signal: this.signal })
    this.say(demoText(result))
    return result
  }
}
