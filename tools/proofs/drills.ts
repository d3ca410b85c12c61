import { type AllResult, runName } from '../../testbed/drills/run-all.ts'
import { Cli } from '../../testbed/testing/cli.ts'
import { mustBe, type Proof } from '../proof.ts'
import { mustBeDrawn, mustHold, type Told } from '../prove/drilled-runs.ts'

export const proof: Proof = {
  statement:
    '`ezone drill run --all` on `process`: all valid. Reports opened in a real browser. RTO and RPO recounted from the raw ledger by a small independent script: equal',
  limitMs: 75 * 60_000,
  async see(context) {
    await using cli = await Cli.open('process')
    const { exit, data, error } = await cli.run('drill', 'run', '--all', '--runtime', 'process', '--seed', '11')
    const { runs, seed } = (data ?? { runs: [] }) as AllResult
    const unlike = runs
      .filter(({ verdict }) => verdict !== 'valid')
      .map((run) => `${runName(run)}: ${run.why.join('; ')}`)
    mustBe(exit === 0 && runs.length > 0, `exit ${exit}, ${error?.code}\n${unlike.join('\n')}`)
    const told: Record<string, Told> = {}
    const results = runs.flatMap(({ result }) => result ?? [])
    for (const run of runs) {
      mustBe(run.result !== null, `${runName(run)} has no result`)
      told[runName(run)] = await mustHold(runName(run), run.result)
    }
    return { seed, drills: runs.length, runs: told, looksInBrowser: await mustBeDrawn(results, context) }
  },
}
