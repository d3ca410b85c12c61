import { Flags } from '@oclif/core'
import type { CapacityResult } from '../testbed/capacity/result.ts'
import { TestbedCommand } from '../testbed/face/command.ts'
import { durationFlag } from '../testbed/face/duration.ts'
import { defaultMix, engineNames } from '../testbed/stress/names.ts'

export default class Capacity extends TestbedCommand {
  static override summary = 'Measure what a request costs each hop, and say what more the chain could take.'
  static override description =
    'Four short loads, at a quarter up to all of --qps, give the CPU of every program as a line over the rate. From it: ' +
    'where each has nothing left, what a growth needs, whether one zone could carry all, and the weakest hop a client ' +
    'waits for. Lines are carried on beyond what was measured: `stress --profile ramp-to-break` tells what is so. Every run ' +
    'is kept, and the next one shows the trend.'
  static override examples = [
    '<%= config.bin %> capacity',
    '<%= config.bin %> capacity --qps 200 --growth 3',
    '<%= config.bin %> capacity --mix place=100 --json',
  ]
  static override flags = {
    qps: Flags.integer({ summary: "Today's highest rate, in requests per second.", default: 100, min: 8, max: 50_000 }),
    growth: Flags.string({ summary: 'How many times as much it shall be.', default: '2' }),
    for: durationFlag({ summary: 'How long each load lasts.', default: 8_000, minMs: 3_000, maxMs: 600_000 }),
    engine: Flags.option({ summary: 'Who sends.', options: engineNames, default: 'builtin' })(),
    mix: Flags.string({ summary: 'Shares of what is done.', default: defaultMix }),
    seed: Flags.integer({
      summary: 'Draws the same requests again; by default others each time.',
      min: 0,
      max: 2 ** 31 - 10,
    }),
  }

  async run(): Promise<CapacityResult> {
    const { flags } = await this.parse(Capacity)
    const [{ randomInt }, { capacity, requireMeasured }, { capacityText }, { parseGrowth }] = await Promise.all([
      import('node:crypto'),
      import('../testbed/capacity/capacity.ts'),
      import('../testbed/capacity/capacity-text.ts'),
      import('../testbed/capacity/growth.ts'),
    ])
    const { name, qps, for: forMs, engine, mix } = flags
    const seed = flags.seed ?? randomInt(2 ** 31 - 10)
    const growth = parseGrowth(flags.growth)
    const tell = (text: string) => this.say(text)
    const result = await capacity({ name, qps, growth, forMs, seed, mix, engine, signal: this.signal, tell })
    this.say(capacityText(result))
    this.next('ezone stress --qps 1000 --for 60s --profile ramp-to-break')
    return this.judged(result, () => requireMeasured(result))
  }
}
