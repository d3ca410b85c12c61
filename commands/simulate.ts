import { Flags } from '@oclif/core'
import { TestbedCommand } from '../testbed/face/command.ts'
import type { SimulationResult } from '../testbed/simulate/simulate.ts'

export default class Simulate extends TestbedCommand {
  static override summary =
    'Play some hours of the business: shops, riders that move, orders from placing to their end.'
  static override description =
    'Orders come from real cities by their size, over the hours of a day from 10:00 on, for --minutes by the wall clock, ' +
    'in which --speed times as much simulated time goes by. Most are paid, accepted, dispatched and brought; some are ' +
    'cancelled, some never paid. At the end the platform is asked for every one: each must have ended, in its own zone, or ' +
    'the command exits with 7.'
  static override examples = [
    '<%= config.bin %> simulate --minutes 5 --speed 60',
    '<%= config.bin %> simulate --minutes 1 --qps 5 --seed 7719 --json',
  ]
  static override flags = {
    minutes: Flags.integer({ summary: 'How long orders come, by the wall clock.', default: 5, min: 1, max: 60 }),
    speed: Flags.integer({ summary: 'Simulated minutes in a minute.', default: 60, min: 1, max: 600 }),
    qps: Flags.integer({ summary: 'Orders per second, on average.', default: 3, min: 1, max: 100 }),
    seed: Flags.integer({
      summary: 'Plays the same day again; by default another one each time.',
      min: 0,
      max: 2 ** 31 - 1,
    }),
  }

  async run(): Promise<SimulationResult> {
    const { flags } = await this.parse(Simulate)
    const [{ randomInt, randomUUID }, { EzoneError }, { systemClock }, simulation, text] = await Promise.all([
      import('node:crypto'),
      import('@ezone/sdk/errors'),
      import('@ezone/sdk/clock'),
      import('../testbed/simulate/simulate.ts'),
      import('../testbed/simulate/simulation-text.ts'),
    ])
    const { minutes, speed, qps } = flags
    if (minutes * 60 * qps > simulation.ordersMax)
      throw new EzoneError('EZ_USAGE', `${minutes * 60 * qps} orders are more than ${simulation.ordersMax}`, {
        hint: 'Give fewer --minutes or a lower --qps.',
      })
    const [{ findRouter }, { readGroundData }, { LiveLine }] = await Promise.all([
      import('../testbed/orders/find-router.ts'),
      import('../testbed/orders/ground-data.ts'),
      import('../testbed/face/live-line.ts'),
    ])
    const seed = flags.seed ?? randomInt(2 ** 31)
    const router = await findRouter(flags.name)
    this.say(`${minutes} min at speed ${speed}, ${qps} orders/s (seed ${seed})`)
    using live = new LiveLine({ silent: this.jsonEnabled(), clock: systemClock })
    const result = await simulation.simulate({
      ...(await readGroundData()),
      router,
      minutes,
      speed,
      qps,
      seed,
      run: `sim-${randomUUID().slice(0, 8)}`,
      clock: systemClock,
      signal: this.signal,
      onProgress: (progress) => live.show(text.progressText(progress)),
    })
    live[Symbol.dispose]()
    this.say(text.simulationText(result))
    return this.judged(result, () => simulation.requireAllEnded(result))
  }
}
