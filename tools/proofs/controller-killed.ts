import { mkdtempDisposable, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { DrillResult } from '../../testbed/drills/drill.ts'
import type { Answer } from '../../testbed/testing/cli.ts'
import { mustBe, type Proof, testsPass } from '../proof.ts'
import { mustHold, type Told } from '../prove/drilled-runs.ts'
import { Whole } from '../prove/whole.ts'

/** So long after the switch is seen every GZS dies, and whoever drives it; seconds. */
const deaths = { planned: [0.3, 1.5, 4], hard: [0.3, 2, 12] } as const
const deadMs = 3_000
const killTests = ['src/gzs/switcher-killed.drill.test.ts', 'src/gzs/global-mover-killed.drill.test.ts']

export const proof: Proof = {
  statement:
    'kill -9 of the failover controller in every step, planned and hard: resumed or rolled back, verdict valid',
  limitMs: 40 * 60_000,
  async see(context) {
    const killedInEveryStep = await context.part('in every step', () => testsPass(context, 'drill', ...killTests))
    const told: Record<string, Told> = {}
    await using folder = await mkdtempDisposable(join(tmpdir(), 'controller-killed-'))
    for (const mode of ['planned', 'hard'] as const)
      for (const afterS of deaths[mode]) {
        context.signal.throwIfAborted()
        const name = `${mode}, killed after ${afterS} s`
        told[name] = await context.part(name, async () => {
          const file = join(folder.path, 'controller-killed.yaml')
          await writeFile(file, scenario(mode, afterS))
          await using whole = await Whole.up()
          const { exit, data, error } = await drilled(whole, file, afterS * 1000, context.signal)
          mustBe(exit === 0, `${name}: exit ${exit}: ${error?.message}`)
          return mustHold(name, data as DrillResult)
        })
      }
    return { killedInEveryStep, drills: told }
  },
}

/** Runs the drill and, so long after its switch began, kills every GZS there is; they are started again. */
async function drilled(whole: Whole, file: string, afterMs: number, signal: AbortSignal): Promise<Answer> {
  const { answer } = whole.cli.start('drill', 'run', file, '--seed', '5')
  let over = false
  void answer.finally(() => {
    over = true
  })
  while ((await whole.run<{ switches: readonly object[] }>('failover', 'list')).switches.length === 0) {
    mustBe(!over, 'no switch was begun')
    await sleep(100, undefined, { signal })
  }
  await sleep(afterMs, undefined, { signal })
  const killed = await whole.kill(/\/gzs$/)
  await sleep(deadMs, undefined, { signal })
  for (const id of killed) await whole.run('restart', id)
  return answer
}

/** JSON is YAML. */
const scenario = (mode: 'planned' | 'hard', afterS: number) =>
  JSON.stringify({
    name: 'controller-killed',
    title: `Every GZS dies ${afterS} s into a ${mode} switch`,
    hypothesis: 'Who comes back finishes what was begun, or takes it back.',
    load: { opsPerSecond: 60, for: '60s' },
    timeline: [
      ...(mode === 'hard' ? [{ at: '7s', fault: { kind: 'isolate', target: '$lost', for: '35s' } }] : []),
      { at: '10s', switch: { from: '$lost', to: '$other', mode } },
    ],
    allow: { grade: 'P1', lossWindow: '10s' },
    settle: '60s',
  })
