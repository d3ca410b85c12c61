import { isFinal, type OrderState, orderMoves } from '@ezone/sdk/model'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { OrderBook } from './order-book.ts'
import { fates } from './plan-operations.ts'

/** What the platform answers to a step or a look: as it should, or in one of the ways it may go wrong. */
const answers = fc.constantFrom('ok', 'ok', 'ok', 'unknown', 'lost answer', 'refused', 'elsewhere', 'gone')

describe('what clients know of their orders', () => {
  it('asks for legal steps alone, and brings every order to an end that the platform knows', () => {
    const trouble = fc.array(answers, { maxLength: 60 })
    fc.assert(
      fc.property(fc.constantFrom(...fates), trouble, fc.boolean(), (fate, troubles, hurried) => {
        const book = new OrderBook()
        const platform = { state: 'created' as OrderState, keys: new Set<string>() }
        let [nowMs, key, gone] = [0, 0, 0]
        book.placed('1', fate, nowMs)
        for (let i = 0; i < 300 && book.open > 0; i++) {
          nowMs += 2_000
          if (hurried && i === 20) book.end()
          const answer = troubles[i] ?? 'ok'
          const waiting = book.takeAwaiting(nowMs)
          if (waiting !== undefined) {
            // Dispatch finds somebody.
            if (platform.state === 'accepted') platform.state = 'assigned'
            if (answer === 'gone' && ++gone < 3) book.unknown(waiting, nowMs)
            else if (answer === 'refused') book.retry(waiting, nowMs)
            else book.learned(waiting, platform.state, nowMs)
            continue
          }
          const track = book.takeReady(nowMs)
          if (track === undefined) continue
          const step = track.pending ?? { key: `k${key++}`, to: book.next(track, nowMs) ?? 'cancelled' }
          if (answer === 'refused') book.retry(track, nowMs, track.pending)
          else if (answer === 'gone' && ++gone < 3) book.unknown(track, nowMs)
          else if (answer === 'unknown') book.retry(track, nowMs, step)
          else if (answer === 'elsewhere') book.lookAgain(track, nowMs)
          else {
            if (!platform.keys.has(step.key)) {
              const legal: readonly OrderState[] = orderMoves[platform.state]
              expect(legal, `${platform.state} to ${step.to}`).toContain(step.to)
              platform.state = step.to
              platform.keys.add(step.key)
            }
            if (answer === 'lost answer') book.retry(track, nowMs, step)
            else book.learned(track, step.to, nowMs)
          }
        }
        expect(isFinal(platform.state), `${fate} is ${platform.state}`).toBe(true)
        expect(book.open).toBe(0)
      }),
      { numRuns: 500 },
    )
  })

  it('gives up an order that the platform does not know, after a while; at the end it asks once more', () => {
    const book = new OrderBook()
    book.placed('1', 'refunded', 0)
    const askedUntilGivenUp = () => {
      let asked = 0
      for (let nowMs = 1_000; book.open > 0 && asked < 100; nowMs += 2_000) {
        const track = book.takeReady(nowMs)
        if (track === undefined) continue
        asked++
        book.unknown(track, nowMs)
      }
      return asked
    }
    expect(askedUntilGivenUp()).toBe(5)
    book.end()
    expect(askedUntilGivenUp()).toBe(5)
    expect(book.open).toBe(0)
  })

  it('waits between two steps, and lets others go first meanwhile', () => {
    const book = new OrderBook()
    book.placed('1', 'refunded', 0)
    book.placed('2', 'refunded', 0)
    expect(book.takeReady(0)).toBeUndefined()
    const one = book.takeReady(500)
    expect(one?.orderId).toBe('1')
    if (one !== undefined) book.retry(one, 500)
    expect(book.takeReady(600)?.orderId).toBe('2')
    expect(book.takeReady(600)).toBeUndefined()
  })
})
