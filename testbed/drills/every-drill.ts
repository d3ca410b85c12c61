import { systemClock } from '@ezone/sdk/clock'
import { loadTopology } from '../topology/load.ts'
import { allRuns } from './all-drills.ts'
import { builtIns, scenarioText } from './built-in.ts'
import { drill } from './drill.ts'
import { OwnTestbed } from './own-testbed.ts'
import { type AllResult, runAll, runName } from './run-all.ts'

export interface EveryDrillOptions {
  readonly seed: number
  readonly runtime: 'auto' | 'process' | 'docker'
  /** Where ezone.yaml is looked for. */
  readonly folder: string
  readonly signal: AbortSignal
  readonly tell: (text: string) => void
}

/** Every built-in drill, on testbeds made for it: one per policy, taken down at the end. */
export async function runEveryDrill(options: EveryDrillOptions): Promise<AllResult> {
  const { seed, runtime, folder, signal, tell } = options
  const { topology } = await loadTopology({ folder })
  const wanted = allRuns(
    await builtIns(),
    topology.zones.map(({ name }) => name),
  )
  tell(`${wanted.length} drills (seed ${seed})`)
  return await runAll({
    wanted,
    seed,
    signal,
    stage: async (policy) => {
      tell(`a testbed under the policy ${policy} comes up`)
      const made = { policy, folder, runtime, clock: systemClock, signal, onEvent: () => undefined, onRuntime: tell }
      const testbed = await OwnTestbed.up(made)
      return {
        drill: async ({ drill: name, lost }) =>
          drill({
            name: testbed.name,
            scenario: await scenarioText(name, folder),
            seed,
            ...(lost !== null && { lost }),
            signal,
            tell,
          }),
        [Symbol.asyncDispose]: () => testbed[Symbol.asyncDispose](),
      }
    },
    onRun: (run) => tell(`${run.verdict}: ${runName(run)}${run.why.length > 0 ? ` - ${run.why[0]}` : ''}`),
  })
}
