import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isFinal, type OrderState } from '@ezone/sdk/model'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PlatformGround } from '../testing/platform-ground.ts'
import type { History, OperationEntry } from './history.ts'
import { type ReadHistory, readHistory } from './history-reader.ts'
import { Ledger, type LedgerGround } from './ledger.ts'

let platform: PlatformGround
let ground: LedgerGround
let folder: AsyncDisposable & { path: string }
const signal = new AbortController().signal

beforeAll(async () => {
  folder = await mkdtempDisposable(join(tmpdir(), 'ledger-'))
  platform = await PlatformGround.make({ bj: 43, sh: 44, edge: 45 })
  await platform.startAll()
  await platform.startAll(['soa-proxy', 'drc'])
  const { blueprint, credentials } = platform.ground
  ground = { name: 'test', blueprint, credentials, folder: null }
})
afterAll(async () => {
  await platform?.[Symbol.asyncDispose]()
  await folder?.[Symbol.asyncDispose]()
})

/** The whole life of a ledger on the platform as it is. */
async function record(name: string, options: { readonly conflictShare?: number; readonly forMs: number }) {
  const file = join(folder.path, `${name}.ndjson`)
  await using ledger = await Ledger.begin(ground, { file, name, seed: 7, qps: 20, ...options }, signal)
  const generator = await ledger.run(options.forMs, signal)
  const left = await ledger.settle(60_000, signal)
  await ledger.end({ signal })
  return { generator, left, history: await readHistory(file) }
}

const done = ({ op }: History, kind: OperationEntry['kind']) =>
  op.filter((one) => one.kind === kind && one.outcome === 'ok')

describe('a ledger of a quiet platform', () => {
  let history: ReadHistory
  beforeAll(async () => {
    const recorded = await record('quiet', { forMs: 8_000, conflictShare: 0.1 })
    history = recorded.history
    expect(recorded.left).toBe(0)
  })

  it('has a record of everything that was sent, of every kind, from outside and from inside the zones', () => {
    const [generator] = history.generator
    expect(history.op.length).toBeGreaterThanOrEqual(generator?.sent ?? Number.POSITIVE_INFINITY)
    for (const kind of ['place', 'advance', 'read', 'register', 'change', 'remove'] as const)
      expect(done(history, kind).length, kind).toBeGreaterThan(0)
    expect(new Set(done(history, 'place').map(({ inside }) => inside))).toEqual(new Set([null, 'bj', 'sh']))
    expect(new Set(history.op.map(({ index }) => index)).size).toBe(history.op.length)
    for (const { intendedMs, sentMs, answeredMs } of history.op) {
      expect(sentMs).toBeGreaterThanOrEqual(intendedMs)
      expect(answeredMs).toBeGreaterThanOrEqual(sentMs)
    }
  })

  it('says of every answer where it comes from, and what it shows', () => {
    for (const kind of ['place', 'advance', 'read'] as const)
      for (const one of done(history, kind)) {
        expect(one).toMatchObject({ zone: expect.any(String), shard: expect.any(Number), epoch: expect.any(Number) })
        expect(one).toMatchObject({ version: expect.stringMatching(/^\d+$/), saw: expect.any(String) })
        expect(one.orderId).toMatch(/^\d+$/)
      }
    for (const { saw, subject } of done(history, 'register')) {
      expect(saw).toMatch(/^\d+$/)
      expect(subject).toMatch(/^\d{15}$/)
    }
    expect(done(history, 'read').some(({ riderId }) => riderId !== null)).toBe(true)
  })

  it('has the rows of the databases: what was acknowledged and no more than was asked for', async () => {
    expect(history.collected.map(({ zone, why }) => [zone, why]).toSorted()).toEqual([
      ['bj', null],
      ['sh', null],
    ])
    const asked = new Set(history.op.flatMap(({ kind, key }) => (kind === 'place' ? [key] : [])))
    for (const zone of platform.zones) {
      const rows = await platform.query(zone, 'SELECT order_id, state, drc_ver FROM delivery.orders')
      const stored = new Map(rows.map((row) => [String(row.order_id), { state: row.state, version: row.drc_ver }]))
      const told = history.order.filter((row) => row.zone === zone)
      expect(new Map(told.map(({ orderId, state, version }) => [orderId, { state, version }]))).toEqual(stored)
      for (const { orderId } of done(history, 'place')) expect(stored.has(orderId ?? '')).toBe(true)
      expect(stored.size).toBeLessThanOrEqual(asked.size)
      expect(told.every(({ state }) => isFinal(state as OrderState))).toBe(true)
      const keys = history.request.filter((row) => row.zone === zone)
      expect(new Set(keys.map(({ orderId }) => orderId))).toEqual(new Set(stored.keys()))
      const phones = history.user.filter((row) => row.zone === zone).map(({ phone, userId }) => `${phone} ${userId}`)
      for (const { subject, saw } of done(history, 'register')) expect(phones).toContain(`${subject} ${saw}`)
    }
  })

  it('has a winner for every row that the zones fought about, the same in both', () => {
    const rows = (zone: string) =>
      new Map(
        history.shared.filter((row) => row.zone === zone).map(({ key, value, version }) => [key, { value, version }]),
      )
    expect(rows('bj').size).toBeGreaterThan(0)
    expect(rows('bj')).toEqual(rows('sh'))
  })

  it('knows the owners, who acts under them, the lag both ways and that the zones are equal', () => {
    expect(history.owner).toHaveLength(31)
    expect(new Set(history.acked.map(({ subscriber }) => subscriber.replace(/-\d+$/, '')))).toContain('edge/router')
    expect(new Set(history.lag.map(({ source, target }) => `${source} ${target}`))).toEqual(new Set(['bj sh', 'sh bj']))
    for (const { measuredMs } of history.lag) expect(measuredMs).not.toBeNull()
    expect(history.compared.find(({ table }) => table === 'delivery.orders')).toMatchObject({ equal: true })
    expect(history.compared.every(({ equal }) => equal)).toBe(true)
    expect(history.end).toEqual([{ type: 'end', atMs: expect.any(Number), interrupted: false }])
  })
})
