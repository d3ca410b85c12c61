import { Flags } from '@oclif/core'
import { TestbedCommand } from '../testbed/face/command.ts'
import { durationFlag } from '../testbed/face/duration.ts'
import { defaultMix, engineNames, profileNames } from '../testbed/stress/names.ts'
import type { StressResult } from '../testbed/stress/result.ts'
import type { LoadProgress, StressOptions } from '../testbed/stress/stress.ts'

export default class Stress extends TestbedCommand {
  static override summary = 'Load the chain from the edge on, at a given rate, and tell what held.'
  static override description =
    'Requests leave at their intended times however the ones before fare, through every API Router, and latency counts ' +
    'from the intended time. What is not known to be done is counted as unknown, never as ok. Where the generator or the ' +
    'machine is the limit, the run is void: the figures would not be about the platform; a ramp then finds the highest rate ' +
    'that holds. Where less than 99 % was done in time the verdict is unknown. Both exit with 8; a zone slower than --p99 ' +
    'allows exits with 9.'
  static override examples = [
    '<%= config.bin %> stress --qps 200 --for 30s',
    '<%= config.bin %> stress --qps 500 --for 1m --seed 7719 --mix place=100',
    '<%= config.bin %> stress --qps 2000 --for 60s --profile ramp-to-break',
    '<%= config.bin %> stress --qps 100 --drill evacuate',
    '<%= config.bin %> stress --qps 100 --for 10s --engine builtin --json',
  ]
  static override flags = {
    qps: Flags.integer({
      summary: 'Requests per second, at the peak of the profile.',
      required: true,
      min: 1,
      max: 50_000,
    }),
    for: durationFlag({ summary: 'How long.', default: 30_000, minMs: 1_000, maxMs: 24 * 3_600_000 }),
    profile: Flags.option({
      summary:
        'How the rate goes: evenly, like a meal of a real day, ten times as much at once, or up until it breaks.',
      options: profileNames,
      default: 'steady',
    })(),
    engine: Flags.option({
      summary: 'Who sends: k6, or ezone itself. By default k6 where it is at hand.',
      options: engineNames,
      default: 'auto',
    })(),
    seed: Flags.integer({
      summary: 'Draws the same requests again; by default another one each time.',
      min: 0,
      max: 2 ** 31 - 1,
    }),
    mix: Flags.string({ summary: 'Shares of what is done.', default: defaultMix }),
    p99: durationFlag({
      summary: 'What the slowest of a hundred answers of a zone may take.',
      default: 1_000,
      minMs: 1,
      maxMs: 10_000,
    }),
    drill: Flags.string({
      summary: 'Load while this drill runs, as long as it does; its report shows both on one time axis.',
      helpValue: 'NAME',
    }),
  }

  async run(): Promise<StressResult> {
    const { flags } = await this.parse(Stress)
    const [{ randomInt }, { systemClock }, { LiveLine }, { parseMix }, text, { requireHeld }] = await Promise.all([
      import('node:crypto'),
      import('@ezone/sdk/clock'),
      import('../testbed/face/live-line.ts'),
      import('../testbed/stress/mix.ts'),
      import('../testbed/stress/stress-text.ts'),
      import('../testbed/stress/verdict.ts'),
    ])
    const { name, qps, for: forMs, profile, engine, p99: p99MsMax } = flags
    const seed = flags.seed ?? randomInt(2 ** 31)
    const mix = parseMix(flags.mix)
    using live = new LiveLine({ silent: this.jsonEnabled(), clock: systemClock })
    const onProgress = (progress: LoadProgress) => live.show(text.loadProgressText(progress))
    const tell = (said: string) => {
      live[Symbol.dispose]()
      this.say(said)
    }
    const options = { name, qps, forMs, seed, mix, profile, engine, p99MsMax, signal: this.signal, onProgress, tell }
    if (flags.drill !== undefined) return this.#during(flags.drill, options)
    const { stressToLimit } = await import('../testbed/stress/find-limit.ts')
    this.say(
      `${profile === 'steady' ? '' : `${profile}, up to `}${qps} requests/s for ${forMs / 1000} s (seed ${seed})`,
    )
    const result = await stressToLimit(options)
    live[Symbol.dispose]()
    this.say(text.stressText(result))
    return this.judged(result, () => requireHeld(result))
  }

  async #during(drill: string, options: StressOptions): Promise<StressResult> {
    const [{ scenarioText }, { stressDuringDrill }, { drillText }, { stressText }, { requireValid }, { requireSound }] =
      await Promise.all([
        import('../testbed/drills/built-in.ts'),
        import('../testbed/stress/during-drill.ts'),
        import('../testbed/drills/drill-text.ts'),
        import('../testbed/stress/stress-text.ts'),
        import('../testbed/drills/verdict.ts'),
        import('../testbed/stress/verdict.ts'),
      ])
    const scenario = await scenarioText(drill, process.cwd())
    const { result, drilled, end } = await stressDuringDrill({ ...options, scenario })
    this.say(stressText(result))
    this.say(drillText(drilled))
    return this.judged(result, () => {
      requireValid(end)
      requireSound(result)
    })
  }
}
