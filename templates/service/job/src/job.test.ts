import { type Claim, EzoneError, OwnShards, ZoneChanges } from '@ezone/sdk'
import { ToldTable } from '@ezone/sdk/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Fate, Job } from './job.ts'
import { everyMs, isDue } from './turns.ts'

let table: ToldTable
let own: OwnShards
let end: AbortController
let nowMs: number
let fates: Fate[]
let lasts: Map<number, number>
let refused: Map<number, Error>
let job: Job

beforeEach(async () => {
  table = new ToldTable({ 31: 'bj', 32: 'sh', 33: 'bj' })
  own = new OwnShards()
  end = new AbortController()
  const log = { warn: () => {} }
  new ZoneChanges({ table, zone: 'bj', log, signal: end.signal }).onZoneChange('own shards', own.hear)
  await expect.poll(() => own.all().length).toBe(2)
  nowMs = 1_000_000
  ;[fates, lasts, refused] = [[], new Map(), new Map()]
  const take = async ({ shard }: Claim, atMs: number) => {
    const refusal = refused.get(shard)
    if (refusal !== undefined) throw refusal
    if (!isDue(lasts.get(shard), atMs)) return false
    lasts.set(shard, atMs)
    return true
  }
  const clock = { nowMs: () => nowMs, monotonicMs: () => nowMs }
  job = new Job({ turns: { take }, own, clock, count: (fate) => void fates.push(fate) })
})
afterEach(() => end.abort())

describe('the job', () => {
  it('works for every shard of its zone, and for no other', async () => {
    await job.round()
    expect([...lasts.keys()]).toEqual([31, 33])
  })

  it('works for none that has moved away, and for one that has come', async () => {
    table.set(31, 'sh')
    table.set(32, 'bj')
    await expect.poll(() => own.all().map(({ shard }) => shard)).toEqual([32, 33])
    await job.round()
    expect([...lasts.keys()]).toEqual([32, 33])
  })

  it('takes a refusal of the fence for what it is, and goes on with the others', async () => {
    refused.set(31, new EzoneError('EZ_WRONG_ZONE_WRITE', 'it has moved'))
    await job.round()
    expect(fates).toEqual(['gone', 'done'])
  })

  it('tells of a shard whose turn failed, after the others had theirs', async () => {
    refused.set(31, new Error('the disk is full'))
    await expect(job.round()).rejects.toThrow('1 shards')
    expect([...lasts.keys()]).toEqual([33])
  })

  it('gives a shard its turn once in its time', async () => {
    for (const ms of [0, 1_000, everyMs]) {
      nowMs = 1_000_000 + ms
      await job.round()
    }
    expect(fates).toEqual(['done', 'done', 'notDue', 'notDue', 'done', 'done'])
  })
})

describe('a turn', () => {
  it.each([
    ['is due where there never was one', undefined, 5, true],
    ['is due when its time is over', 0, everyMs, true],
    ['is not due before', 0, everyMs - 1, false],
    ['is not due again where the clock was set back', everyMs, 0, false],
  ])('%s', (_, last, now, due) => {
    expect(isDue(last, now)).toBe(due)
  })
})
