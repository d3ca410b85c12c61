import { EzoneError } from '@ezone/sdk/errors'
import { describe, expect, it } from 'vitest'
import type { Verdict } from '../checks/claim.ts'
import { allRuns, type WantedRun } from './all-drills.ts'
import { builtIns } from './built-in.ts'
import type { DrillResult } from './drill.ts'
import { requireAllValid, runAll, runName } from './run-all.ts'

describe('all drills', () => {
  it('are the twelve, those about the policy under both, and the lost zone with each', async () => {
    const runs = allRuns(await builtIns(), ['bj', 'sh']).map(runName)
    expect(runs).toHaveLength(16)
    expect(runs.filter((name) => name.endsWith('strict'))).toEqual([
      ...['split-brain, strict', 'zone-lost bj, strict', 'zone-lost sh, strict'],
    ])
    expect(runs.filter((name) => name.startsWith('zone-lost'))).toHaveLength(4)
    expect(new Set(runs).size).toBe(16)
  })
})

const wanted = (...drills: readonly string[]): readonly WantedRun[] =>
  drills.map((drill) => ({ drill, lost: null, policy: drill.startsWith('s') ? 'strict' : 'available' }))

/** Runs them on testbeds that are only noted; `ends` says how a drill ends. */
async function played(
  runs: readonly WantedRun[],
  ends: Readonly<Record<string, { verdict?: Verdict; left?: string; throws?: string }>>,
) {
  const seen: string[] = []
  const interrupt = new AbortController()
  const all = runAll({
    wanted: runs,
    seed: 1,
    signal: interrupt.signal,
    onRun: () => undefined,
    stage: async (policy) => {
      seen.push(`up ${policy}`)
      return {
        drill: async ({ drill }) => {
          seen.push(drill)
          const { verdict = 'valid', left = null, throws } = ends[drill] ?? {}
          if (throws === 'interrupt') interrupt.abort(new EzoneError('EZ_INTERRUPTED', 'interrupted'))
          if (throws !== undefined) throw new EzoneError('EZ_NOT_READY', throws)
          const result = { verdict, why: [], left } as unknown as DrillResult
          return { result, end: { drill, verdict, why: [], interrupted: false, notRemoved: null } }
        },
        [Symbol.asyncDispose]: async () => void seen.push(`down ${policy}`),
      }
    },
  })
  return { seen, all: await all.catch((error: unknown) => error) }
}

describe('running all', () => {
  it('has one testbed per policy, taken down at the end', async () => {
    const { seen, all } = await played(wanted('a', 'b', 's'), {})
    expect(seen).toEqual(['up available', 'a', 'b', 'down available', 'up strict', 's', 'down strict'])
    expect(all).toMatchObject({ valid: 3, invalid: 0, unknown: 0 })
  })

  it('gives the next drill a new testbed after one that is not as it should be', async () => {
    const { seen, all } = await played(wanted('a', 'b', 'c', 'd'), {
      a: { verdict: 'invalid' },
      b: { left: 'shards' },
      c: { throws: 'the zones are not equal' },
    })
    expect(seen).toEqual([
      ...['up available', 'a', 'down available', 'up available', 'b', 'down available'],
      ...['up available', 'c', 'down available', 'up available', 'd', 'down available'],
    ])
    expect(all).toMatchObject({ valid: 2, invalid: 1, unknown: 1 })
  })

  it('takes its testbed down when it is interrupted, and runs nothing more', async () => {
    const { seen, all } = await played(wanted('a', 'b'), { a: { throws: 'interrupt' } })
    expect(seen).toEqual(['up available', 'a', 'down available'])
    expect(all).toBeInstanceOf(EzoneError)
  })

  it.each([
    [['valid', 'unknown', 'invalid'], 7],
    [['valid', 'unknown'], 8],
    [['valid'], 0],
  ] as const)('%s ends with exit %i', (verdicts, exit) => {
    const runs = verdicts.map((verdict) => ({ ...wanted('a')[0], verdict, why: ['why'], result: null }))
    const require = () => requireAllValid({ seed: 1, valid: 0, invalid: 0, unknown: 0, runs: runs as never })
    if (exit === 0) expect(require).not.toThrow()
    else expect(require).toThrow(expect.objectContaining({ oclif: { exit } }))
  })
})
