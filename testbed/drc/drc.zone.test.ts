import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock } from '@ezone/sdk/clock'
import type { TapChange } from '@ezone/sdk/model'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DrcGround } from '../testing/drc-ground.ts'
import { DrcLoad } from '../testing/drc-load.ts'
import { drcDoors } from './find-drc.ts'
import { watchLag } from './lag.ts'
import { requireRunning } from './lanes.ts'
import { drcStatus } from './status.ts'
import { lagLine, lagText, statusText } from './status-text.ts'
import { type TapOptions, tap } from './tap.ts'
import { changeText } from './tap-text.ts'

let ground: DrcGround
beforeAll(async () => {
  ground = await DrcGround.make({ bj: 60, sh: 61, edge: 63 })
  await ground.start(1)
  await ground.start(2)
  await ground.table('shop.t', DrcLoad.columns)
})
afterAll(() => ground?.[Symbol.asyncDispose]())

const sources = () => {
  const { blueprint, credentials } = ground.platform.ground
  return { blueprint, credentials, clock: systemClock, signal: AbortSignal.timeout(60_000) }
}
const status = () => drcStatus(sources())
const lane = async (source: string, zone: string) =>
  (await status()).lanes.find((one) => one.source === source && one.zone === zone && one.role === 'applier')
const wait = { timeout: 20_000 }
const verdict = async () => {
  const { lanes } = await status()
  return (() => requireRunning(lanes)) as () => void
}

describe('the status of the replication', () => {
  it('has every lane with its holder, a standby, and its position at the head of its source', async () => {
    await ground.run('bj', "INSERT INTO shop.t (id, note) VALUES (1, 'a'), (2, 'b')")
    await ground.caughtUp()
    await expect
      .poll(async () => (await status()).lanes.every(({ state, behind }) => state === 'running' && behind === 0), wait)
      .toBe(true)
    const report = await status()
    expect(report.lanes).toHaveLength(4)
    expect(report.instances.every(({ answers }) => answers)).toBe(true)
    for (const { holder, standbys, zone } of report.lanes)
      expect([holder, ...standbys].sort()).toEqual([`${zone}-1`, `${zone}-2`])
    expect(await lane('bj', 'sh')).toMatchObject({ position: { gno: await ground.ownNumber('bj') }, ageMs: 0 })
    expect(statusText(report)).toMatch(/bj -> sh +running +sh-\d/)
    expect(await verdict()).not.toThrow()
  })

  it('says which lane has stopped and why, how far it is behind, and counts it', async () => {
    await ground.run('bj', 'ALTER TABLE shop.t ADD COLUMN tip INT')
    await ground.run('bj', 'UPDATE shop.t SET tip = 5 WHERE id = 1')
    await expect.poll(async () => (await lane('bj', 'sh'))?.state, wait).toBe('stopped')
    expect(await verdict()).toThrow(/^bj -> sh: EZ_DRC_MISSING_COLUMN/)
    const stopped = await lane('bj', 'sh')
    expect(stopped?.behind).toBeGreaterThan(0)
    expect(stopped?.stopped?.code).toBe('EZ_DRC_MISSING_COLUMN')
    const metrics = await ground.metrics('sh', Number(stopped?.holder?.at(-1)))
    expect(metrics).toMatch(/ezone_drc_troubles_total\{[^}]*code="EZ_DRC_MISSING_COLUMN"[^}]*\} 1\n/)
    expect(metrics).toMatch(/ezone_drc_stopped\{[^}]*source="bj"[^}]*\} 1\n/)
    await ground.run('sh', 'ALTER TABLE shop.t ADD COLUMN tip INT')
    await expect.poll(async () => (await lane('bj', 'sh'))?.state, wait).toBe('running')
  })

  it('shows who took over, and that the other one does not answer', async () => {
    const was = Number((await lane('bj', 'sh'))?.holder?.at(-1))
    await ground.platform.program('sh', 'drc', was).kill()
    expect(await verdict()).toThrow(/EZ_DRC_UNKNOWN|not all of them answer/)
    await expect.poll(async () => (await lane('bj', 'sh'))?.holder, wait).toBe(`sh-${3 - was}`)
    await expect.poll(async () => (await status()).lanes.every(({ state }) => state === 'running'), wait).toBe(true)
    expect(await verdict()).not.toThrow()
    expect(statusText(await status())).toContain(`no answer from sh-${was}`)
    await ground.start(was, ['sh'])
  })

  it('is unknown while a database does not answer', async () => {
    await ground.platform.stopStore('sh/mysql', 'kill')
    try {
      expect((await status()).silent).toEqual(['sh'])
      expect(await verdict()).toThrow(/sh/)
    } finally {
      await ground.platform.startStores('sh/mysql')
      ground.forget('sh')
    }
    await expect.poll(async () => (await status()).lanes.every(({ state }) => state === 'running'), wait).toBe(true)
  })
})

describe('the lag', () => {
  it('is measured by the services in both directions, and looked at as often as wanted', async () => {
    const looks: string[] = []
    {
      await using _bj = new DrcLoad(ground, { zone: 'bj', table: 'shop.t', perSecond: 40 })
      await using _sh = new DrcLoad(ground, { zone: 'sh', table: 'shop.t', perSecond: 40 })
      await sleep(1_000)
      const { lag } = await watchLag({ ...sources(), forMs: 1_500, onLook: (seen) => looks.push(lagLine(seen)) })
      expect(lag.looks).toBe(looks.length)
      expect(lag.looks).toBeGreaterThanOrEqual(2)
      expect(lag.lanes.map(({ source, target }) => `${source} ${target}`)).toEqual(['bj sh', 'sh bj'])
      for (const { lagMs, worst } of lag.lanes) {
        expect(lagMs?.samples).toBeGreaterThan(30)
        expect(lagMs?.p99).toBeGreaterThanOrEqual(lagMs?.p50 ?? Number.NaN)
        expect(worst.p99Ms).toBeGreaterThanOrEqual(lagMs?.p99 ?? Number.NaN)
      }
      expect(lagText(lag)).toContain('worst behind')
    }
    await ground.caughtUp()
    const { lag } = await watchLag({ ...sources(), forMs: 0 })
    expect(lag).toMatchObject({
      looks: 1,
      lanes: [
        { behind: 0, ageMs: 0 },
        { behind: 0, ageMs: 0 },
      ],
    })
  })
})

describe('a tap', () => {
  const open = (more: Partial<TapOptions> = {}) => {
    const over = new AbortController()
    const { blueprint } = ground.platform.ground
    const until = AbortSignal.any([over.signal, AbortSignal.timeout(20_000)])
    const taken: TapChange[] = []
    const done = (async () => {
      const options = { doors: drcDoors(blueprint), zones: ['bj', 'sh'], from: 'end' as const, until, ...more }
      for await (const change of tap(options)) taken.push(change)
      return taken
    })()
    // Taken up later, where it is expected to fail.
    done.catch(() => undefined)
    return { taken, done, close: () => over.abort() }
  }

  it('gives the changes of a table from now on, of every zone, those of one zone in order', async () => {
    await ground.table('shop.other', DrcLoad.columns)
    const stream = open({ table: 'shop.other' })
    await sleep(1_500)
    await ground.run('bj', "INSERT INTO shop.other (id, note) VALUES (1, 'first')")
    await ground.run('bj', "UPDATE shop.t SET note = 'not asked for' WHERE id = 1")
    await ground.run('bj', "UPDATE shop.other SET note = 'second' WHERE id = 1")
    await ground.run('sh', "INSERT INTO shop.other (id, note) VALUES (2, 'of sh')")
    await expect.poll(() => stream.taken.length, wait).toBe(3)
    stream.close()
    const changes = await stream.done
    expect(changes.filter(({ zone }) => zone === 'bj').map(({ op }) => op)).toEqual(['insert', 'update'])
    expect(changes.find(({ zone }) => zone === 'sh')).toMatchObject({
      op: 'insert',
      table: 'shop.other',
      after: { note: 'of sh' },
    })
    expect(changeText(changes.filter(({ op }) => op === 'update')[0] as TapChange)).toMatch(
      /^[\d:.]+ bj:\d+ update shop\.other id 1: note first -> second$/,
    )
  })

  it('gives what the log still holds when asked from its start', async () => {
    const stream = open({ from: 'start', zones: ['bj'] })
    await expect.poll(() => stream.taken.length, wait).toBeGreaterThan(10)
    stream.close()
    const changes = await stream.done
    expect(changes[0]).toMatchObject({ zone: 'bj', table: 'shop.t', op: 'insert', after: { note: 'a' } })
    const numbers = changes.map(({ gno }) => gno)
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b))
  })

  it('says so when it breaks off, and where nobody answers', async () => {
    const stream = open({ zones: ['sh'] })
    await sleep(1_500)
    for (const instance of [1, 2]) await ground.platform.program('sh', 'drc', instance).kill()
    await expect(stream.done).rejects.toMatchObject({ code: 'EZ_DRC_UNKNOWN' })
    await expect(open({ zones: ['sh'] }).done).rejects.toMatchObject({
      code: 'EZ_DRC_UNKNOWN',
      message: 'no instance of drc answers in sh',
    })
  })
})
