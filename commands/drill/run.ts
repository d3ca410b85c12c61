import { Args, Flags } from '@oclif/core'
import type { DrillResult } from '../../testbed/drills/drill.ts'
import type { AllResult } from '../../testbed/drills/run-all.ts'
import { TestbedCommand } from '../../testbed/face/command.ts'

export default class DrillRun extends TestbedCommand {
  static override summary = 'Run a drill: load, faults and switches, and a verdict with evidence.'
  static override description =
    'Looks first whether the testbed is whole and its zones equal. Then clients load it and write down what they are ' +
    'promised, the timeline of the scenario is taken step by step, every fault is removed, and what was seen is judged. ' +
    'However it ends, Ctrl-C included: faults are removed and the report is written. Exit 0: valid, and no worse than the ' +
    'scenario allows; 7: invalid; 8: no verdict; 10: a fault is not shown to be gone. With --all every built-in drill runs, ' +
    'on testbeds of its own that are taken down again.'
  static override examples = [
    '<%= config.bin %> drill run partition',
    '<%= config.bin %> drill run zone-lost --zone bj --seed 7719',
    '<%= config.bin %> drill run ./mine.yaml --json',
    '<%= config.bin %> drill run --all --runtime process',
  ]
  static override args = {
    drill: Args.string({ description: 'A built-in drill (see `drill list`), or a scenario file.' }),
  }
  static override flags = {
    seed: Flags.integer({
      summary: 'Draws the same operations again; by default others each time.',
      min: 0,
      max: 2 ** 31 - 1,
    }),
    zone: Flags.string({ summary: 'The zone that is broken or left ($lost).', helpValue: 'ZONE', exclusive: ['all'] }),
    all: Flags.boolean({ summary: 'Every built-in drill, on testbeds made for it.' }),
    runtime: Flags.option({
      summary: 'Of the testbeds that --all makes.',
      options: ['auto', 'process', 'docker'] as const,
      default: 'auto',
    })(),
  }

  async run(): Promise<DrillResult | AllResult> {
    const { args, flags } = await this.parse(DrillRun)
    const [{ randomInt }, { EzoneError }] = await Promise.all([import('node:crypto'), import('@ezone/sdk/errors')])
    const seed = flags.seed ?? randomInt(2 ** 31)
    if (flags.all === (args.drill !== undefined))
      throw new EzoneError('EZ_USAGE', flags.all ? '--all runs every drill: leave the name out' : 'which drill?', {
        hint: '`ezone drill list` shows the built-in ones; --all runs all of them.',
      })
    return args.drill === undefined ? this.#all(seed, flags.runtime) : this.#one(args.drill, seed, flags)
  }

  async #one(wanted: string, seed: number, flags: { readonly name: string; readonly zone?: string | undefined }) {
    const [{ scenarioText }, { drill }, { drillText }, { requireValid }] = await Promise.all([
      import('../../testbed/drills/built-in.ts'),
      import('../../testbed/drills/drill.ts'),
      import('../../testbed/drills/drill-text.ts'),
      import('../../testbed/drills/verdict.ts'),
    ])
    const { result, end } = await drill({
      name: flags.name,
      scenario: await scenarioText(wanted, process.cwd()),
      seed,
      ...(flags.zone !== undefined && { lost: flags.zone }),
      signal: this.signal,
      tell: (text) => this.say(text),
    })
    this.say(drillText(result))
    return this.judged(result, () => requireValid(end))
  }

  async #all(seed: number, runtime: 'auto' | 'process' | 'docker'): Promise<AllResult> {
    const [{ runEveryDrill }, { requireAllValid }, { allText }] = await Promise.all([
      import('../../testbed/drills/every-drill.ts'),
      import('../../testbed/drills/run-all.ts'),
      import('../../testbed/drills/drill-text.ts'),
    ])
    const result = await runEveryDrill({
      seed,
      runtime,
      folder: process.cwd(),
      signal: this.signal,
      tell: (text) => this.say(text),
    })
    this.say(allText(result))
    return this.judged(result, () => requireAllValid(result))
  }
}
