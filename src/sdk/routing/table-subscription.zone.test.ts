import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ScriptedGzs } from '../../../testbed/testing/scripted-gzs.ts'
import { type RoutingTable, systemClock } from '../model/index.ts'
import { TableSubscription } from './table-subscription.ts'

const near = { host: '127.55.0.1', port: 7100 }
const far = { host: '127.56.0.1', port: 7100 }
const tableOf = (version: number, zone = 'sh'): RoutingTable => ({
  version,
  shards: [
    { shard: 11, name: 'Beijing', zone: 'bj', state: 'ACTIVE', epoch: 1 },
    { shard: 31, name: 'Shanghai', zone, state: 'ACTIVE', epoch: 1 },
  ],
  cells: [
    [1, 31],
    [2, 11],
  ],
})

let gzs: ScriptedGzs
let ground: AsyncDisposableStack
let stateDir: string
let end: AbortController

beforeEach(async () => {
  ground = new AsyncDisposableStack()
  gzs = ground.use(await ScriptedGzs.start(near, tableOf(5)))
  stateDir = await mkdtemp(join(tmpdir(), 'ezone-table-'))
  ground.defer(() => rm(stateDir, { recursive: true, force: true }))
  end = new AbortController()
})
afterEach(async () => {
  end.abort()
  await ground.disposeAsync()
})

function start(): Promise<TableSubscription> {
  // The far one is listed first: it is the place that decides.
  const peers = {
    gzs: [
      { ...far, place: 'sh', zone: 'sh' },
      { ...near, place: 'bj', zone: 'bj' },
    ],
  }
  const log = { info: () => {}, warn: () => {} }
  const config = { service: 'orders', instance: 2, place: 'bj', zone: 'bj', peers, stateDir }
  return TableSubscription.start({ config, log, clock: systemClock, signal: end.signal })
}

const version = (table: TableSubscription) => table.status()?.version
const soon = <T>(look: () => T) => expect.poll(look, { timeout: 10_000, interval: 20 })
const onDisk = async () =>
  JSON.parse(await readFile(join(stateDir, 'table.json'), 'utf8').catch(() => '{}')) as RoutingTable
const asked = (path: string) => gzs.asked.filter((request) => request.path === path)

describe('the table somebody acts on', () => {
  it('is a snapshot of the nearest GZS and every change after it, each acknowledged, without ever asking again', async () => {
    const table = await start()
    await soon(() => version(table)).toBe(5)
    gzs.change(31, { state: 'FROZEN' })
    gzs.change(31, { zone: 'bj', state: 'ACTIVE' })
    await soon(() => version(table)).toBe(7)
    expect(table.index.shardOf(1)).toMatchObject({ zone: 'bj', state: 'ACTIVE', epoch: 7 })
    expect(table.index.shardOf(2)).toMatchObject({ zone: 'bj', epoch: 1 })
    await soon(() => gzs.acks.map((ack) => ack.version).at(-1)).toBe(7)
    expect(gzs.acks[0]).toEqual({ name: 'bj/orders-2', kind: 'orders', place: 'bj', version: 5 })
    expect(gzs.acks.map((ack) => ack.version)).toEqual(gzs.acks.map((ack) => ack.version).toSorted())
    expect([asked('/subscribe').length, asked('/table').length]).toEqual([1, 0])
    expect(table.status()).toMatchObject({ from: 'gzs' })
  })

  it('comes to whoever waits for it as soon as it is there, and to nobody who has gone', async () => {
    const table = await start()
    await soon(() => version(table)).toBe(5)
    expect((await table.newer(4, end.signal)).table.version).toBe(5)
    const gone = new AbortController()
    const [waiting, leaving] = [table.newer(5, end.signal), table.newer(5, gone.signal)]
    gone.abort(new Error('left'))
    await expect(leaving).rejects.toThrow('left')
    gzs.change(31, { zone: 'bj' })
    expect((await waiting).table.version).toBe(6)
  })

  it('is the next GZS to tell once the nearest ends, also while it only hangs; and of an older one nothing is taken', async () => {
    const table = await start()
    await soon(() => version(table)).toBe(5)
    const other = ground.use(await ScriptedGzs.start(far, tableOf(4, 'gz')))
    gzs.pings = false
    await soon(() => other.followers).toBe(1)
    expect([version(table), table.index.shardOf(1).zone]).toEqual([5, 'sh'])
    other.offer(tableOf(9, 'bj'))
    await soon(() => version(table)).toBe(9)
    expect(other.acks.at(-1)?.version).toBe(9)
  })

  it('is told by another GZS when the one it follows stays behind what was told before', async () => {
    const other = ground.use(await ScriptedGzs.start(far, tableOf(8)))
    await gzs[Symbol.asyncDispose]()
    const table = await start()
    await soon(() => version(table)).toBe(8)
    await other[Symbol.asyncDispose]()
    gzs = ground.use(await ScriptedGzs.start(near, tableOf(5)))
    const caughtUp = ground.use(await ScriptedGzs.start(far, tableOf(8)))
    await soon(() => gzs.followers).toBe(1)
    await soon(() => caughtUp.followers).toBe(1)
    expect(version(table)).toBe(8)
  })

  it('is asked for again and again where GZS has no streams, and then only whether it changed', async () => {
    gzs.streams = false
    const table = await start()
    await soon(() => version(table)).toBe(5)
    await soon(() => asked('/table').length).toBeGreaterThan(1)
    expect(asked('/table')[1]?.etag).toBe('"5"')
    gzs.offer(tableOf(6, 'bj'))
    await soon(() => table.index.shardOf(1).zone).toBe('bj')
    expect(gzs.acks).toEqual([])
  })

  it.each([
    ['an older one', () => gzs.offer(tableOf(4, 'bj'))],
    ['one that contradicts itself', () => gzs.offer({ ...tableOf(9, 'bj'), cells: [[1, 99]] })],
    ['a change of a shard it never told of', () => gzs.tell({ type: 'delta', version: 9, shards: [shard44] })],
    ['no JSON', () => gzs.tell('<html>\n')],
    ['a message nobody knows', () => gzs.tell({ type: 'erase' })],
  ])('stays as it is when GZS tells %s', async (_, spoil) => {
    const table = await start()
    await soon(() => version(table)).toBe(5)
    gzs.spoiled = { status: 500, body: '' }
    spoil()
    const before = gzs.asked.length
    await soon(() => gzs.asked.length).toBeGreaterThan(before)
    expect([version(table), table.index.shardOf(1).zone]).toEqual([5, 'sh'])
  })

  it('is on disk for the next start, which then needs no GZS', async () => {
    await start()
    await soon(async () => (await onDisk()).version).toBe(5)
    await gzs[Symbol.asyncDispose]()
    expect((await start()).status()).toMatchObject({ version: 5, from: 'disk' })
  })

  it('is the newest on disk after many changes at once', async () => {
    const table = await start()
    await soon(() => version(table)).toBe(5)
    for (let i = 0; i < 50; i++) gzs.change(31, { zone: i % 2 === 0 ? 'bj' : 'sh' })
    await soon(() => version(table)).toBe(55)
    await soon(async () => (await onDisk()).version).toBe(55)
  })

  it('is not taken from a disk that has it only half', async () => {
    await writeFile(join(stateDir, 'table.json'), JSON.stringify(tableOf(7)).slice(0, 40))
    await gzs[Symbol.asyncDispose]()
    const table = await start()
    expect(table.status()).toBeNull()
    expect(() => table.index).toThrow(expect.objectContaining({ code: 'EZ_NOT_READY' }))
  })
})

const shard44 = { shard: 44, name: 'Guangdong', zone: 'gz', state: 'ACTIVE', epoch: 9 }
