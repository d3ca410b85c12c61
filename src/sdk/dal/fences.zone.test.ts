import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DalGround, fenceOf } from '../../../testbed/testing/dal-ground.ts'
import { EzoneError, fenceLimits, systemClock } from '../model/index.ts'
import { type FenceOptions, Fences, type ZoneDatabase } from './index.ts'

let dal: DalGround
let db: ZoneDatabase
let fences: Fences
beforeAll(async () => {
  dal = await DalGround.make({ bj: 45, sh: 46, edge: 47 })
  db = await dal.database()
  fences = Fences.open({ mysql: dal.access('fence'), clock: systemClock })
})
afterAll(async () => {
  await fences?.[Symbol.asyncDispose]()
  await db?.[Symbol.asyncDispose]()
  await dal?.[Symbol.asyncDispose]()
})

const orders = 'shop.orders'
/** What a lease-keeper does when its shard is to move. */
const freeze = (shard: number, options?: FenceOptions) =>
  fences.set({ row: fenceOf(shard, { epoch: 6, state: 'FROZEN' }), fromEpoch: 5 }, options)
const fence = async (shard: number) => (await fences.read()).find((row) => row.shard === shard)
const rowOf = async (id: bigint | string) => (await dal.query(`SELECT * FROM shop.orders WHERE order_id = ${id}`))[0]

describe('a fence row', () => {
  it('is created where it is missing, and left alone where it is not', async () => {
    expect(await fences.seed([fenceOf(1), fenceOf(2)])).toBe(2)
    expect(await fences.seed([fenceOf(2, { epoch: 9 }), fenceOf(3, { leaseUntilMs: 17 })])).toBe(1)
    expect(await fences.read()).toEqual([fenceOf(1), fenceOf(2), fenceOf(3, { leaseUntilMs: 17 })])
  })

  it('is changed only from the epoch it is expected under', async () => {
    await fences.seed([fenceOf(4)])
    const row = fenceOf(4, { epoch: 8, zone: 'sh', takenEpoch: 8 })
    expect(await fences.set({ row, fromEpoch: 4 })).toMatchObject({ done: false, row: fenceOf(4) })
    expect(await fences.set({ row, fromEpoch: 5 })).toMatchObject({ done: true, row, killed: 0 })
    // Said again, as by a keeper that crashed before it could tell anybody.
    expect(await fences.set({ row, fromEpoch: 5 })).toMatchObject({ done: true, row })
    expect(await fences.set({ row: fenceOf(99), fromEpoch: 5 })).toMatchObject({ done: false, row: undefined })
  })

  it('has its lease extended, never shortened, and one without end keeps it', async () => {
    await fences.seed([fenceOf(7, { leaseUntilMs: 1_000 }), fenceOf(8, { leaseUntilMs: 9_000 }), fenceOf(9)])
    await fences.extendLease({ zone: 'bj', untilMs: 5_000 })
    const leases = await Promise.all([7, 8, 9].map(async (shard) => (await fence(shard))?.leaseUntilMs))
    expect(leases).toEqual([5_000, 9_000, null])
  })

  it('tells how far another zone was applied here', async () => {
    const drc = await dal.connect('drc')
    const uuid = '3e11fa47-71ca-11e1-9e33-c80aa9429562'
    await drc.query(`INSERT INTO ezone_drc.position VALUES ('sh', '${uuid}', 77, 1)`)
    expect(await fences.position('sh')).toEqual([{ uuid, gno: 77 }])
    expect(await fences.position('gz')).toEqual([])
  })
})

describe('a freeze', () => {
  it('names a transaction of the own server that comes after all the writes it waited for', async () => {
    await fences.seed([fenceOf(10)])
    await db.insert({ shard: 10, epoch: 5 }, orders, { order_id: dal.id() })
    const before = await dal.one('SELECT @@GLOBAL.gtid_executed')
    const { barrier } = await freeze(10)
    expect(barrier.uuid).toBe(await dal.one('SELECT @@GLOBAL.server_uuid'))
    expect(String(before)).toBe(`${barrier.uuid}:1-${barrier.gno - 1}`)
  })

  it('waits for a write in flight', async () => {
    await fences.seed([fenceOf(11)])
    const id = dal.id()
    const begun = Promise.withResolvers<void>()
    const writing = db.write({ shard: 11, epoch: 5 }, async (tx) => {
      await tx.insert(orders, { order_id: id })
      begun.resolve()
      await sleep(300)
    })
    await begun.promise
    expect(await freeze(11)).toMatchObject({ done: true, killed: 0 })
    // Committed by the time the freeze has returned, and not only later.
    expect(await rowOf(id)).toMatchObject({ order_id: String(id), shard: 11 })
    await writing
  })

  it('is passed by no writer that came after it', async () => {
    await fences.seed([fenceOf(12)])
    const claim = { shard: 12, epoch: 5 }
    const begun = Promise.withResolvers<void>()
    const first = db.write(claim, async (tx) => {
      await tx.insert(orders, { order_id: dal.id() })
      begun.resolve()
      await sleep(500)
    })
    await begun.promise
    const freezing = freeze(12)
    await sleep(100)
    const late = dal.id()
    await expect(db.insert(claim, orders, { order_id: late })).rejects.toMatchObject({ code: 'EZ_SHARD_FROZEN' })
    await Promise.all([first, freezing])
    expect(await rowOf(late)).toBeUndefined()
  })

  it('lets no row of the older epoch in after it returned, with 32 writers at once', async () => {
    await fences.seed([fenceOf(13)])
    const done: string[] = []
    const refused = new Set<string>()
    let frozen = false
    const writer = async (number: number) => {
      while (!frozen) {
        const id = dal.id()
        const write =
          number % 2 === 0
            ? db.insert({ shard: 13, epoch: 5 }, orders, { order_id: id })
            : db.write({ shard: 13, epoch: 5 }, (tx) => tx.insert(orders, { order_id: id }))
        await write.then(
          () => done.push(String(id)),
          (error: unknown) => refused.add(EzoneError.is(error) ? error.code : String(error)),
        )
      }
    }
    const writers = Array.from({ length: 32 }, (_, number) => writer(number))
    await sleep(700)
    const change = await freeze(13)
    const atFreeze = await dal.query('SELECT order_id FROM shop.orders WHERE shard = 13 ORDER BY order_id')
    await sleep(200)
    frozen = true
    await Promise.all(writers)
    const after = await dal.query('SELECT order_id FROM shop.orders WHERE shard = 13 ORDER BY order_id')
    expect(change.done).toBe(true)
    expect(after).toEqual(atFreeze)
    expect(after.map(({ order_id }) => String(order_id))).toEqual(
      done.toSorted((a, b) => Number(BigInt(a) - BigInt(b))),
    )
    expect(done.length).toBeGreaterThan(32)
    expect([...refused]).toEqual(['EZ_SHARD_FROZEN'])
  })
})

describe('a writer that was paused between the fence and COMMIT', () => {
  /** A process with a write of its own, stopped where its row is written and nothing is committed. */
  async function pausedWriter(shard: number) {
    const orderId = String(dal.id())
    const child = spawn(
      process.execPath,
      ['--conditions=ezone-source', join(import.meta.dirname, '../../../testbed/testing/slow-writer.ts')],
      { stdio: ['pipe', 'pipe', 'inherit'] },
    )
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    child.stdin.write(`${JSON.stringify({ mysql: dal.access('app'), zone: 'bj', shard, epoch: 5, orderId })}\n`)
    expect((await lines.next()).value).toBe('checked')
    child.kill('SIGSTOP')
    return {
      orderId,
      child,
      async goOn(): Promise<string> {
        const exit = once(child, 'exit')
        child.kill('SIGCONT')
        const { value } = await lines.next()
        await exit
        return String(value)
      },
      [Symbol.dispose]: () => void child.kill('SIGKILL'),
    }
  }

  it('is killed by the freeze, and does not get through after the shard has moved', async () => {
    await fences.seed([fenceOf(20)])
    using writer = await pausedWriter(20)
    const beganMs = systemClock.monotonicMs()
    const frozen = await freeze(20)
    const tookMs = systemClock.monotonicMs() - beganMs
    expect(frozen).toMatchObject({ done: true, killed: 1 })
    expect(tookMs).toBeGreaterThan(fenceLimits.freezeWaitMs - 50)
    expect(tookMs).toBeLessThan(fenceLimits.freezeWaitMs + 1_500)
    await fences.set({ row: fenceOf(20, { epoch: 7, zone: 'sh' }), fromEpoch: 6 })
    expect(await writer.goOn()).toMatch(/^EZ_(STALE_EPOCH|OUTCOME_UNKNOWN)$/)
    expect(await rowOf(writer.orderId)).toBeUndefined()
  })

  it('is rolled back by the server itself where nobody kills it', async () => {
    await fences.seed([fenceOf(21)])
    using writer = await pausedWriter(21)
    await sleep(fenceLimits.waitTimeoutSeconds * 1000 + 1_500)
    const open = await dal.query("SELECT * FROM information_schema.innodb_trx WHERE trx_state = 'RUNNING'")
    expect(open).toEqual([])
    expect(await writer.goOn()).toBe('EZ_DEADLINE_PASSED')
    expect(await rowOf(writer.orderId)).toBeUndefined()
  })

  it('commits when it goes on before anybody wanted the shard', async () => {
    await fences.seed([fenceOf(22)])
    using writer = await pausedWriter(22)
    await sleep(500)
    expect(await writer.goOn()).toBe('committed')
    expect(await rowOf(writer.orderId)).toMatchObject({ note: 'slow' })
  })
})

describe('a change that cannot get through', () => {
  it('says so in the end, and has changed nothing', async () => {
    await fences.seed([fenceOf(30)])
    // An administrator's connection, which the keeper may not kill.
    const root = await dal.connect('root')
    await root.query('START TRANSACTION')
    await root.query('SELECT * FROM ezone.fence WHERE shard = 30 FOR SHARE')
    const freezing = freeze(30, { waitMs: 100 })
    await expect(freezing).rejects.toMatchObject({ code: 'EZ_WAIT_TIMEOUT' })
    await root.query('ROLLBACK')
    expect(await fence(30)).toEqual(fenceOf(30))
  })

  it('kills only who was there before it', async () => {
    await fences.seed([fenceOf(31), fenceOf(32)])
    const id = dal.id()
    const stuck = await dal.connect('app')
    await stuck.query('START TRANSACTION')
    await stuck.query('SELECT * FROM ezone.fence WHERE shard = 31 FOR SHARE')
    const freezing = freeze(31, { waitMs: 1_500 })
    await sleep(1_100)
    const other = db.write({ shard: 32, epoch: 5 }, async (tx) => {
      await tx.insert(orders, { order_id: id })
      await sleep(800)
    })
    expect(await freezing).toMatchObject({ done: true, killed: 1 })
    await other
    expect(await rowOf(id)).toMatchObject({ order_id: String(id), shard: 32 })
  })
})
