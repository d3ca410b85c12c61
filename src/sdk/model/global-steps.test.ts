import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { firstGlobalZone as first, plannedGlobalMove as move } from '../../../testbed/testing/global-record.ts'
import type { GlobalZone } from './contracts/global.ts'
import { applyGlobalStep, type GlobalStep, withStep } from './global-steps.ts'

const stepped = (zone: GlobalZone, ...steps: readonly GlobalStep[]) =>
  steps.reduce((now, step) => applyGlobalStep(now, step, withStep(now.move ?? move, step, 1)), zone)
const steps: readonly GlobalStep[] = ['freeze', 'drain', 'commit', 'seize', 'serve', 'roll-back']

describe('the Global Zone', () => {
  it('moves as planned: nobody writes from the freeze to the commit, each under an epoch of its own', () => {
    const frozen = stepped(first, 'freeze')
    expect(frozen).toMatchObject({ master: 'bj', state: 'FROZEN', epoch: 2 })
    expect(stepped(frozen, 'drain')).toMatchObject({ master: 'bj', state: 'DRAINING', epoch: 2 })
    expect(stepped(frozen, 'drain', 'commit')).toMatchObject({ master: 'sh', state: 'ACTIVE', epoch: 3 })
  })

  it('is taken hard, and that is not rolled back', () => {
    expect(stepped(first, 'seize', 'serve')).toMatchObject({ master: 'sh', state: 'ACTIVE', epoch: 3 })
    expect(() => stepped(first, 'seize', 'roll-back')).toThrow('does not follow')
  })

  it('keeps what it says of the cover while nobody writes, and says nothing of a new beginning', () => {
    const covered = { ...first, covered: true }
    expect(stepped(covered, 'seize').covered).toBe(true)
    for (const end of [
      ['seize', 'serve'],
      ['freeze', 'roll-back'],
    ] as const)
      expect(stepped(covered, ...end).covered).toBe(false)
  })

  it('changes its master by commit and serve alone, and never writes under an epoch twice', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...steps), { maxLength: 30 }), (tried) => {
        const seen: GlobalZone[] = [first]
        for (const step of tried) {
          const now = seen.at(-1) ?? first
          // The zone that is not the master is where it goes.
          const next = { ...move, from: now.master, to: now.master === 'bj' ? 'sh' : 'bj' }
          try {
            seen.push(applyGlobalStep(now, step, next))
          } catch {
            continue
          }
          const changed = seen.at(-1)?.master !== now.master
          expect(changed).toBe(step === 'commit' || step === 'serve')
        }
        const granted = seen.filter(({ state }, i) => state === 'ACTIVE' && i > 0).map(({ epoch }) => epoch)
        expect(new Set(granted).size).toBe(granted.length)
        expect([...granted].sort((a, b) => a - b)).toEqual(granted)
      }),
    )
  })
})
