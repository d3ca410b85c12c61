import { getEventListeners } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { Ending } from './ending.ts'

describe('an ending', () => {
  it('comes with the other signal, and for its reason', () => {
    const other = new AbortController()
    using ending = new Ending(10_000, other.signal)
    expect(ending.signal.aborted).toBe(false)
    other.abort('gone')
    expect(ending.signal).toMatchObject({ aborted: true, reason: 'gone' })
  })

  it('is there at once where the other signal is aborted already', () => {
    using ending = new Ending(10_000, AbortSignal.abort('before'))
    expect(ending.signal).toMatchObject({ aborted: true, reason: 'before' })
  })

  it('comes when its time is over', async () => {
    using ending = new Ending(5, new AbortController().signal)
    await sleep(50)
    expect(ending.signal.reason).toMatchObject({ name: 'TimeoutError' })
  })

  it('leaves nothing behind: no listener, and no abort that comes later', async () => {
    const other = new AbortController()
    const ending = new Ending(5, other.signal)
    ending[Symbol.dispose]()
    expect(getEventListeners(other.signal, 'abort')).toEqual([])
    other.abort()
    await sleep(50)
    expect(ending.signal.aborted).toBe(false)
  })
})
