import type { DrillResult } from '../../testbed/drills/drill.ts'
import { Cli } from '../../testbed/testing/cli.ts'
import { mustBe, type Proof } from '../proof.ts'
import { mustHold, type Told } from '../prove/drilled-runs.ts'
import { done } from '../prove/whole.ts'

const drills = ['partition', 'evacuate', 'zone-lost']

export const proof: Proof = {
  statement: 'Three drills on `docker`: valid',
  limitMs: 30 * 60_000,
  async see({ run, part }) {
    await run('.ci/docker-engine')
    const told: Record<string, Told> = {}
    for (const drill of drills)
      told[drill] = await part(drill, async () => {
        await using cli = await Cli.open('docker')
        done(await cli.up())
        const { exit, data, error } = await cli.run('drill', 'run', drill, '--seed', '11')
        mustBe(exit === 0, `${drill} ended with ${exit}: ${error?.message}`)
        return mustHold(drill, data as DrillResult)
      })
    return { runs: told }
  },
}
