import { describe, expect, it } from 'vitest'
import { isLegal, observedPhase, phases, type Sight, verbs } from './phases.ts'

const sight = (more: Partial<Sight>): Sight => ({
  wanted: 20,
  running: 20,
  lastBegunAtMs: 5_000,
  provenAtMs: 9_000,
  ...more,
})

describe('the phase that is seen', () => {
  it('is ready only when everything runs and nothing began after the last start that ended well', () => {
    expect(observedPhase(sight({}))).toBe('ready')
    expect(observedPhase(sight({ running: 19 }))).toBe('degraded')
    expect(observedPhase(sight({ lastBegunAtMs: 20_000 }))).toBe('degraded')
    expect(observedPhase(sight({ provenAtMs: null }))).toBe('degraded')
  })

  it('is stopped when nothing runs, whatever was proven once', () => {
    expect(observedPhase(sight({ running: 0, lastBegunAtMs: null }))).toBe('stopped')
  })
})

describe('the legal moves', () => {
  it('refuse every verb while another one is at work', () => {
    for (const phase of ['starting', 'stopping'] as const)
      expect(verbs.filter((verb) => isLegal(verb, phase))).toEqual([])
  })

  it('let `up` repair whatever rests', () => {
    expect(phases.filter((phase) => isLegal('up', phase))).toEqual(['absent', 'ready', 'degraded', 'stopped'])
  })
})
