import { describe, expect, it } from 'vitest'
import { contradiction } from './contradictions.ts'
import type { FaultPlan, LinkChange, SpecChange } from './fault.ts'

const drop = { type: 'drop' } as const
const slow = { type: 'latency', latencyMs: 50, jitterMs: 0 } as const
const narrow = { type: 'bandwidth', kbPerSecond: 64 } as const
const flap = { type: 'flap', downMs: 1_000, upMs: 1_000 } as const
const stall = { type: 'stall' } as const
const refuse = { type: 'refuse' } as const
const there = { from: 'bj', to: 'sh' }
const back = { from: 'sh', to: 'bj' }

const on = (how: LinkChange['how'], direction: LinkChange['direction'] = null, link = 'bj-sh'): FaultPlan => ({
  links: [{ link, direction, how }],
  specs: [],
})
const of = (how: SpecChange['how'], ...specs: string[]): FaultPlan => ({
  links: [],
  specs: specs.map((spec) => ({ spec, how, offsetMs: 0 })),
})

describe('two faults', () => {
  it.each([
    ['a cut and a cut', on(drop), on(drop)],
    ['a cut on a link that is slow', on(drop), on(slow)],
    ['a cut on a link that is narrow', on(drop), on(narrow)],
    ['slow and narrow', on(slow), on(narrow)],
    ['slow one way and slow the other', on(slow, there), on(slow, back)],
    ['anything on different links', on(refuse, null, 'edge-bj'), on(flap)],
    ['the deaths of two servers', of('kill', 'bj/mysql'), of('kill', 'bj/redis')],
    ['a dead server and a cut link', of('kill', 'bj/mysql'), on(drop)],
  ])('can be in force at once: %s', (_, wanted, before) => {
    expect(contradiction(wanted, before)).toBeNull()
  })

  it.each([
    ['slow on a link that is cut', on(slow), on(drop)],
    ['slow twice', on(slow), on(slow)],
    ['slow twice, once both ways', on(slow, there), on(slow)],
    ['narrow twice', on(narrow), on(narrow)],
    ['a cut on a link that flaps', on(drop), on(flap)],
    ['a link that flaps on one that is cut', on(flap), on(drop)],
    ['a stall on a link that is slow', on(stall), on(slow)],
    ['a refusal on a link that is cut', on(refuse), on(drop)],
    ['slow on a link that refuses', on(slow), on(refuse)],
    ['a pause of what is dead', of('pause', 'bj/mysql'), of('kill', 'bj/mysql')],
    ['the death of a zone in which a server stands still', of('kill', 'bj/mysql', 'bj/redis'), of('pause', 'bj/redis')],
    ['a wrong clock twice', of('skew', 'bj/orders'), of('skew', 'bj/orders')],
  ])('contradict each other: %s', (_, wanted, before) => {
    expect(contradiction(wanted, before)).toBeTypeOf('string')
  })
})
