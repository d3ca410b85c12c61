import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isFinal, type OrderState, orderMoves, orderStates, requireMove } from './order-states.ts'

const state = fc.constantFrom(...orderStates)
const movesOf = (from: OrderState): readonly OrderState[] => orderMoves[from]

/** What a row goes through when somebody asks for these states one after the other; a refusal changes nothing. */
function lived(asked: readonly OrderState[]): readonly OrderState[] {
  const life: OrderState[] = ['created']
  for (const to of asked) {
    try {
      requireMove(life.at(-1) ?? 'created', to)
      life.push(to)
    } catch {}
  }
  return life
}

describe('the life of an order', () => {
  it('lets exactly the moves of the table through; every other is EZ_BAD_TRANSITION', () => {
    for (const from of orderStates)
      for (const to of orderStates)
        if (movesOf(from).includes(to)) expect(() => requireMove(from, to)).not.toThrow()
        else expect(() => requireMove(from, to)).toThrow(expect.objectContaining({ code: 'EZ_BAD_TRANSITION' }))
  })

  it('never goes back and never stands twice in one state, whatever is asked', () => {
    fc.assert(
      fc.property(fc.array(state, { maxLength: 40 }), (asked) => {
        const ranks = lived(asked).map((s) => orderStates.indexOf(s))
        expect(ranks).toEqual([...new Set(ranks)].sort((a, b) => a - b))
      }),
    )
  })

  it('ends in delivered or cancelled, once, and not in both', () => {
    fc.assert(
      fc.property(fc.array(state, { maxLength: 40 }), (asked) => {
        const life = lived(asked)
        expect(life.filter(isFinal).length).toBeLessThanOrEqual(1)
        expect(life.slice(0, -1).some(isFinal)).toBe(false)
      }),
    )
    expect(orderStates.filter(isFinal)).toEqual(['delivered', 'cancelled'])
  })

  it('has a way to an end from everywhere', () => {
    const ends = (from: OrderState): boolean => isFinal(from) || movesOf(from).some(ends)
    expect(orderStates.every(ends)).toBe(true)
  })

  it('cannot be cancelled once the food is on its way', () => {
    const cancellable = orderStates.filter((from) => movesOf(from).includes('cancelled'))
    expect(cancellable).toEqual(['created', 'paid', 'accepted', 'assigned'])
  })

  it('says in its refusal what would be legal', () => {
    expect(() => requireMove('created', 'delivered')).toThrow('from there it goes to paid or cancelled')
    expect(() => requireMove('delivered', 'paid')).toThrow('it has ended')
  })
})
