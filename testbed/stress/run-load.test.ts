import { setTimeout as sleep } from 'node:timers/promises'
import { EzoneError } from '@ezone/sdk/errors'
import { describe, expect, it } from 'vitest'
import { steady } from './profile.ts'
import { type LoadRecord, latencyMs, noReply, type Operation, type Reply } from './records.ts'
import { type LoadOptions, runLoad } from './run-load.ts'

const ok: Reply = { ...noReply, outcome: 'ok' }
const operation = (send: Operation['send']): Operation => ({ kind: 'test', requestKey: null, send })

async function load({
  forMs = 250,
  ...options
}: Partial<LoadOptions> & Pick<LoadOptions, 'operations'> & { forMs?: number }) {
  const records: LoadRecord[] = []
  const onRecord = (record: LoadRecord) => records.push(record)
  const arrivals = steady(200, forMs)
  const run = await runLoad({ arrivals, onRecord, signal: new AbortController().signal, ...options })
  return { run, records: records.toSorted((a, b) => a.index - b.index) }
}

describe('a load', () => {
  it('has one record per operation, each meant for its own time', async () => {
    const { run, records } = await load({ operations: () => operation(async () => ok) })
    expect(records.map(({ index, intendedMs }) => [index, intendedMs])).toEqual(
      Array.from({ length: 50 }, (_, index) => [index, index * 5]),
    )
    expect(run).toMatchObject({ intended: 50, sent: 50, dropped: 0 })
    for (const { intendedMs, sentMs, answeredMs } of records) {
      expect(sentMs).toBeGreaterThanOrEqual(intendedMs)
      expect(answeredMs).toBeGreaterThanOrEqual(sentMs)
    }
  })

  it('asks on while answers are missing: the questions do not wait for one another', async () => {
    const gate = Promise.withResolvers<Reply>()
    let asked = 0
    const operations = () =>
      operation(() => {
        if (++asked === 50) gate.resolve(ok)
        return gate.promise
      })
    const { records } = await load({ operations })
    expect(records).toHaveLength(50)
  })

  it('counts a stall of its own from the intended times, and says that it was late', async () => {
    const stall = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 120)
    const operations = (index: number) =>
      operation(async () => {
        if (index === 10) stall()
        return ok
      })
    const { run, records } = await load({ operations })
    expect(run.inTime).toBeLessThan(run.sent)
    // Operation 11 was meant for 5 ms after the stall began: it bears nearly all of it.
    expect(latencyMs(records[11] as LoadRecord)).toBeGreaterThan(100)
  })

  it('sends nothing beyond what may be under way, and counts it as dropped', async () => {
    const gate = Promise.withResolvers<Reply>()
    void sleep(300).then(() => gate.resolve(ok))
    const { run, records } = await load({ inFlightMax: 8, operations: () => operation(() => gate.promise) })
    expect([run.sent, run.dropped, records.length]).toEqual([8, 42, 8])
  })

  it.each([
    ['failed', 'EZ_SHARD_FROZEN', new EzoneError('EZ_SHARD_FROZEN', 'frozen')],
    ['unknown', 'EZ_OUTCOME_UNKNOWN', new EzoneError('EZ_OUTCOME_UNKNOWN', 'nobody knows')],
    ['unknown', 'EZ_BUG', new TypeError('a fault in the test client')],
  ])('takes an operation that throws as %s (%s)', async (outcome, code, error) => {
    const { records } = await load({ forMs: 5, operations: () => operation(() => Promise.reject(error)) })
    expect(records.map((record) => [record.outcome, record.code])).toEqual([[outcome, code]])
  })

  it('ends early with its signal, and has a record of all that was sent', async () => {
    const end = new AbortController()
    const operations = (index: number) =>
      operation(async (signal) => {
        if (index === 5) end.abort()
        await sleep(60_000, undefined, { signal }).catch(() => undefined)
        return noReply
      })
    const { run, records } = await load({ forMs: 60_000, signal: end.signal, operations })
    expect(records).toHaveLength(run.sent)
    expect(run.sent).toBeLessThan(1_000)
  })

  it('ends early when it is told to stop: what was sent is still answered, and nothing more was intended', async () => {
    const until = new AbortController()
    const operations = (index: number) =>
      operation(async (signal) => {
        if (index === 5) until.abort()
        await sleep(20, undefined, { signal })
        return ok
      })
    const { run, records } = await load({ forMs: 60_000, until: until.signal, operations })
    expect(run).toMatchObject({ intended: run.sent, dropped: 0 })
    expect(run.sent).toBeLessThan(1_000)
    expect(records.map(({ outcome }) => outcome)).toEqual(Array.from({ length: run.sent }, () => 'ok'))
  })
})
