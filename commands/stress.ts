import { Flags } from '@oclif/core'
import { TestbedCommand } from '../testbed/face/command.ts'
import { durationFlag } from '../testbed/face/duration.ts'
import type { LoadProgress, StressResult } from '../testbed/stress/stress.ts'

export default class Stress extends TestbedCommand {
  static override summary = 'Load the chain from the edge on, at a given rate, and tell what held.'
  static override description =
    'Requests leave at their intended times however the ones before fare, through every API Router, and latency counts ' +
    'from the intended time. What is not known to be done is counted as unknown, never as ok. Where the generator itself ' +
    'cannot keep the rate, the run is void: the figures would be about the generator. Where less than 99 % was done in ' +
    'time the verdict is unknown. Both exit with 8.'
  static override examples = [
    '<%= config.bin %> stress --qps 200 --for 30s',
    '<%= config.bin %> stress --qps 500 --for 1m --seed 7719 --mix place=100',
    '<%= config.bin %> stress --qps 100 --for 10s --json',
  ]
  static override flags = {
    qps: Flags.integer({ summary: 'Requests per second.', required: true, min: 1, max: 50_000 }),
    for: durationFlag({ summary: 'How long.', default: 30_000, minMs: 1_000, maxMs: 24 * 3_600_000 }),
    seed: Flags.integer({
      summary: 'Draws the same requests again; by default another one each time.',
      min: 0,
      max: 2 ** 31 - 1,
    }),
    mix: Flags.string({ summary: 'Shares of what is done: place, show, pay.', default: 'place=70,show=20,pay=10' }),
  }

  async run(): Promise<StressResult> {
    const { flags } = await this.parse(Stress)
    const [{ randomInt }, { systemClock }, { LiveLine }, { parseMix }, { requireHeld, stress }, text] =
      await Promise.all([
        import('node:crypto'),
        import('@ezone/sdk/clock'),
        import('../testbed/face/live-line.ts'),
        import('../testbed/stress/order-mix.ts'),
        import('../testbed/stress/stress.ts'),
        import('../testbed/stress/stress-text.ts'),
      ])
    const { name, qps, for: forMs } = flags
    const seed = flags.seed ?? randomInt(2 ** 31)
    const mix = parseMix(flags.mix)
    this.say(`${qps} requests/s for ${forMs / 1000} s (seed ${seed})`)
    using live = new LiveLine({ silent: this.jsonEnabled(), clock: systemClock })
    const onProgress = (progress: LoadProgress) => live.show(text.loadProgressText(progress, forMs))
    const result = await stress({ name, qps, forMs, seed, mix, signal: this.signal, onProgress })
    live[Symbol.dispose]()
    this.say(text.stressText(result))
    return this.judged(result, () => requireHeld(result))
  }
}
