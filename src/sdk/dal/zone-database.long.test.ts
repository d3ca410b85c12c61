import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DalGround, fenceOf } from '../../../testbed/testing/dal-ground.ts'
import { decideFence, EzoneError, shardStates, systemClock } from '../model/index.ts'
import { Fences, isDuplicate, type Tx, type ZoneDatabase } from './index.ts'

let dal: DalGround
let db: ZoneDatabase
let fences: Fences
beforeAll(async () => {
  dal = await DalGround.make({ bj: 45, sh: 46, edge: 47 })
  db = await dal.database()
  fences = Fences.open({ mysql: dal.access('fence'), clock: systemClock })
  await fences.seed([
    fenceOf(31),
    fenceOf(32, { zone: 'sh' }),
    fenceOf(33, { state: 'FROZEN' }),
    fenceOf(34, { state: 'DRAINING' }),
    fenceOf(35, { state: 'TAKEOVER' }),
    fenceOf(36, { leaseUntilMs: 1_000_000 }),
    fenceOf(37, { leaseUntilMs: systemClock.nowMs() + 3_600_000 }),
  ])
})
afterAll(async () => {
  await fences?.[Symbol.asyncDispose]()
  await db?.[Symbol.asyncDispose]()
  await dal?.[Symbol.asyncDispose]()
})

const claim = { shard: 31, epoch: 5 }
const orders = 'shop.orders'
const count = () => dal.one('SELECT COUNT(*) FROM shop.orders')
const row = async (id: bigint) => (await dal.query(`SELECT *, drc_ver FROM shop.orders WHERE order_id = ${id}`))[0]

/** Both ways to write a row. */
const ways: readonly [string, (at: { shard: number; epoch: number }, id: bigint) => Promise<void>][] = [
  ['a transaction', (at, id) => db.write(at, (tx) => tx.insert(orders, { order_id: id, note: 'way' }))],
  ['a single statement', (at, id) => db.insert(at, orders, { order_id: id, note: 'way' })],
]

describe.each(ways)('%s', (_, write) => {
  it('writes under the shard and the epoch of its claim, with the version of its zone', async () => {
    const id = dal.id()
    await write(claim, id)
    const found = await row(id)
    expect(found).toMatchObject({ shard: 31, epoch: '5', note: 'way' })
    expect(BigInt(found?.drc_ver) & 15n).toBe(1n)
  })

  it.each([
    ['a shard of another zone', { shard: 32, epoch: 5 }, 'EZ_WRONG_ZONE_WRITE'],
    ['an epoch that is over', { shard: 31, epoch: 4 }, 'EZ_STALE_EPOCH'],
    ['a frozen shard', { shard: 33, epoch: 5 }, 'EZ_SHARD_FROZEN'],
    ['a frozen shard, from before the freeze', { shard: 33, epoch: 4 }, 'EZ_SHARD_FROZEN'],
    ['a draining shard', { shard: 34, epoch: 5 }, 'EZ_SHARD_FROZEN'],
    ['a shard that is taken over', { shard: 35, epoch: 5 }, 'EZ_SHARD_FROZEN'],
    ['a lease that has ended', { shard: 36, epoch: 5 }, 'EZ_LEASE_EXPIRED'],
    ['a shard nobody knows', { shard: 99, epoch: 5 }, 'EZ_NO_SHARD'],
    ['no shard', { shard: 0, epoch: 5 }, 'EZ_NO_SHARD'],
    ['no epoch', { shard: 31, epoch: Number.NaN }, 'EZ_NO_SHARD'],
  ])('with %s is refused, and the database is unchanged', async (_, at, code) => {
    const before = await count()
    await expect(write(at, dal.id())).rejects.toMatchObject({ code })
    expect(await count()).toBe(before)
  })

  it('passes while a lease lasts', async () => {
    await expect(write({ shard: 37, epoch: 5 }, dal.id())).resolves.toBeUndefined()
  })

  it('waits for a fence that lags behind the table it acts under', async () => {
    await fences.seed([fenceOf(40, { epoch: 7 })])
    const before = await fences.read()
    const epoch = (before.find(({ shard }) => shard === 40)?.epoch ?? 0) + 2
    const id = dal.id()
    const writing = write({ shard: 40, epoch }, id)
    await fences.set({ row: fenceOf(40, { epoch }), fromEpoch: epoch - 2 })
    await writing
    expect(await row(id)).toMatchObject({ epoch: String(epoch) })
  })

  it('is told that it is stale when the fence lags for long', async () => {
    await expect(write({ shard: 31, epoch: 6 }, dal.id())).rejects.toMatchObject({ code: 'EZ_STALE_EPOCH' })
  })

  it('is not begun when nobody waits for it', async () => {
    const signal = AbortSignal.abort(new Error('gone'))
    const before = await count()
    await expect(write({ ...claim, signal } as typeof claim, dal.id())).rejects.toThrow('gone')
    expect(await count()).toBe(before)
  })

  it('tells of a unique key as MySQL does', async () => {
    const id = dal.id()
    await write(claim, id)
    const error = await write(claim, id).catch((reason: unknown) => reason)
    expect(isDuplicate(error, 'PRIMARY')).toBe(true)
    expect(isDuplicate(error, 'request_key')).toBe(false)
  })
})

describe('the fence', () => {
  it('can be read by a service, and written by the keeper alone', async () => {
    expect(await db.fence(31)).toEqual(fenceOf(31))
    const app = await dal.connect('app')
    await expect(app.query('UPDATE ezone.fence SET epoch = 1')).rejects.toMatchObject({ errno: 1142 })
    await expect(app.query('DELETE FROM ezone.fence')).rejects.toMatchObject({ errno: 1142 })
    await expect(app.query('DROP TABLE ezone.fence')).rejects.toMatchObject({ errno: 1142 })
    await expect(app.query('DROP DATABASE ezone')).rejects.toMatchObject({ errno: 1044 })
  })
})

describe('the database and the pure decision', () => {
  const rows = fc.record({
    zone: fc.constantFrom('bj', 'sh'),
    epoch: fc.integer({ min: 4, max: 6 }),
    state: fc.constantFrom(...shardStates),
    leaseUntilMs: fc.constantFrom(null, 1_000, systemClock.nowMs() + 3_600_000),
  })
  it.each(ways)('agree on whom they let through, and say the same of the others: %s', async (_, write) => {
    await fences.seed([fenceOf(50)])
    await fc.assert(
      fc.asyncProperty(rows, fc.integer({ min: 4, max: 6 }), async (changes, epoch) => {
        fc.pre(epoch <= changes.epoch)
        const row = fenceOf(50, changes)
        await fences.set({ row, fromEpoch: (await db.fence(50))?.epoch ?? 0 })
        const decision = decideFence(row, { shard: 50, epoch }, { zone: 'bj', nowMs: systemClock.nowMs() })
        const end = await write({ shard: 50, epoch }, dal.id()).then(
          () => 'through',
          (error: unknown) => (EzoneError.is(error) ? error.code : String(error)),
        )
        expect(end).toBe(decision.kind === 'refuse' ? decision.code : decision.kind)
      }),
      { numRuns: 100 },
    )
  })
})

describe('a transaction', () => {
  const placed = async (more = {}) => {
    const id = dal.id()
    await db.insert(claim, orders, { order_id: id, ...more })
    return id
  }

  it('is whole or not at all', async () => {
    const [a, b] = [dal.id(), dal.id()]
    const failing = db.write(claim, async (tx) => {
      await tx.insert(orders, { order_id: a })
      await tx.insert(orders, { order_id: b })
      throw new TypeError('changed its mind')
    })
    await expect(failing).rejects.toThrow('changed its mind')
    expect([await row(a), await row(b)]).toEqual([undefined, undefined])
  })

  it('passes the fence once, whatever is sent side by side', async () => {
    const ids = [dal.id(), dal.id(), dal.id()]
    await db.write(claim, async (tx) => {
      await Promise.all(ids.map((id) => tx.insert(orders, { order_id: id })))
    })
    expect(await Promise.all(ids.map(row))).toMatchObject(ids.map((id) => ({ order_id: String(id) })))
  })

  it('is behind the fence also after its first insert was refused by a unique key', async () => {
    const [twice, id] = [await placed(), dal.id()]
    const insertBoth = (epoch: number) =>
      db.write({ shard: 31, epoch }, async (tx) => {
        await tx.insert(orders, { order_id: twice }).catch((error: unknown) => {
          if (!isDuplicate(error)) throw error
        })
        await tx.insert(orders, { order_id: id })
      })
    await expect(insertBoth(4)).rejects.toMatchObject({ code: 'EZ_STALE_EPOCH' })
    await insertBoth(5)
    expect(await row(id)).toMatchObject({ order_id: String(id), shard: 31, epoch: '5' })
  })

  it('without a statement is let through or not all the same', async () => {
    expect(await db.write(claim, async () => 7)).toBe(7)
    await expect(db.write({ shard: 32, epoch: 5 }, async () => 7)).rejects.toMatchObject({
      code: 'EZ_WRONG_ZONE_WRITE',
    })
  })

  it('takes a row, changes it and stamps it with its epoch', async () => {
    await fences.seed([fenceOf(41)])
    const id = dal.id()
    await db.insert({ shard: 41, epoch: 5 }, orders, { order_id: id, amount: 12.5 })
    await fences.set({ row: fenceOf(41, { epoch: 8 }), fromEpoch: 5 })
    await db.write({ shard: 41, epoch: 8 }, async (tx) => {
      const taken = await tx.take<{ amount: string }>(orders, { order_id: id })
      expect(taken?.amount).toBe('12.50')
      expect(await tx.update(orders, { order_id: id }, { note: 'paid' })).toBe(1)
    })
    expect(await row(id)).toMatchObject({ note: 'paid', epoch: '8' })
  })

  it('does not take a locked row', async () => {
    const id = await placed({ locked: 'suspect' })
    const taking = db.write(claim, (tx) => tx.take(orders, { order_id: id }))
    await expect(taking).rejects.toMatchObject({ code: 'EZ_ORDER_LOCKED' })
  })

  it('neither takes nor changes a row of another shard', async () => {
    const id = await placed()
    const other = { shard: 37, epoch: 5 }
    const taking = db.write(other, (tx) => tx.take(orders, { order_id: id }))
    await expect(taking).rejects.toMatchObject({ code: 'EZ_NO_SHARD' })
    expect(await db.write(other, (tx) => tx.update(orders, { order_id: id }, { note: 'mine' }))).toBe(0)
  })

  it.each(['COMMIT', 'START TRANSACTION', 'ALTER TABLE shop.orders ADD COLUMN x INT', 'SET autocommit = 1'])(
    'does not let its work say %s',
    async (sql) => {
      await expect(db.write(claim, (tx) => tx.change(sql))).rejects.toThrow(TypeError)
    },
  )

  it('is over when its work is', async () => {
    const kept: { tx?: Tx } = {}
    await db.write(claim, async (tx) => {
      kept.tx = tx
    })
    await expect(kept.tx?.insert(orders, { order_id: dal.id() })).rejects.toThrow('over')
  })

  it('is not committed in part when a deadlock has rolled it back and its work did not notice', async () => {
    const [a, b, late] = [await placed(), await placed(), dal.id()]
    const both = Promise.withResolvers<void>()
    let ready = 0
    const duel = (first: bigint, second: bigint) =>
      db.write(claim, async (tx) => {
        await tx.update(orders, { order_id: first }, { note: 'first' })
        if (++ready === 2) both.resolve()
        await both.promise
        await tx.update(orders, { order_id: second }, { note: 'second' }).catch(() => undefined)
        await tx.insert(orders, { order_id: first === a ? late : dal.id() }).catch(() => undefined)
      })
    const ends = await Promise.allSettled([duel(a, b), duel(b, a)])
    const failed = ends.filter((end) => end.status === 'rejected')
    expect(failed).toMatchObject([{ reason: { code: 'EZ_OVERLOADED' } }])
    const [notes] = await dal.query(`SELECT GROUP_CONCAT(note ORDER BY order_id) AS notes FROM shop.orders
      WHERE order_id IN (${a}, ${b})`)
    expect(['first,second', 'second,first']).toContain(notes?.notes)
  })

  it('that took too long for the fence is not committed', async () => {
    let elapsedMs = 0
    const clock = { nowMs: () => systemClock.nowMs(), monotonicMs: () => systemClock.monotonicMs() + elapsedMs }
    const { ZoneDatabase } = await import('./index.ts')
    await using slow = ZoneDatabase.open({ mysql: dal.access('app'), zone: 'bj', clock })
    const id = dal.id()
    const writing = slow.write(claim, async (tx) => {
      await tx.insert(orders, { order_id: id })
      elapsedMs = 3_001
    })
    await expect(writing).rejects.toMatchObject({ code: 'EZ_DEADLINE_PASSED' })
    expect(await row(id)).toBeUndefined()
  })
})

describe('an outcome', () => {
  it('is known where the connection was killed before COMMIT: nothing was done', async () => {
    const id = dal.id()
    const writing = db.write(claim, async (tx) => {
      await tx.insert(orders, { order_id: id })
      const [self] = await tx.rows<{ id: string }>('SELECT CONNECTION_ID() AS id')
      await dal.query(`KILL ${self?.id}`)
      await sleep(100)
    })
    await expect(writing).rejects.toMatchObject({ code: 'EZ_STORE_UNREACHABLE' })
    expect(await row(id)).toBeUndefined()
  })

  it('is unknown where COMMIT was sent and the server is silent', async () => {
    const id = dal.id()
    const pid = await dal.ground.pid(dal.spec)
    try {
      const writing = db.write(claim, async (tx) => {
        await tx.insert(orders, { order_id: id })
        process.kill(pid, 'SIGSTOP')
      })
      await expect(writing).rejects.toMatchObject({ code: 'EZ_OUTCOME_UNKNOWN' })
    } finally {
      process.kill(pid, 'SIGCONT')
    }
  })

  it('is "cannot be reached" where nothing was sent, and it works again by itself', async () => {
    await dal.ground.kill(dal.spec)
    await expect(db.insert(claim, orders, { order_id: dal.id() })).rejects.toMatchObject({
      code: 'EZ_STORE_UNREACHABLE',
    })
    await expect(db.write(claim, async () => 0)).rejects.toMatchObject({ code: 'EZ_STORE_UNREACHABLE' })
    await expect(db.read('SELECT 1')).rejects.toMatchObject({ code: 'EZ_STORE_UNREACHABLE' })
    await dal.ground.start(dal.spec)
    await db.insert(claim, orders, { order_id: dal.id() })
  })
})
