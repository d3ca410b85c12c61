import { systemClock } from '@ezone/sdk/clock'
import { Fences } from '@ezone/sdk/dal'
import { createPool } from 'mysql2/promise'
import { DalGround, fenceOf } from '../../testbed/testing/dal-ground.ts'
import { atMost, busy, type Figure, type Measured, median } from './figures.ts'

const roundMs = 250
const writers = 16
const limitPercent = 15

type Way = () => Promise<unknown>
interface Rates {
  readonly plain: number
  readonly dal: number
}

/**
 * What the DAL adds to a write, against plain mysql2 on the same table, triggers included. Rounds of both alternate, so
 * that what else the machine does weighs on both; the ratio is the median of the ratios of neighbours.
 */
export async function dalCost(rounds: number): Promise<Measured> {
  const before = busy()
  await using ground = await DalGround.make({ bj: 65, sh: 66, edge: 67 })
  await using fences = Fences.open({ mysql: ground.access('fence'), clock: systemClock })
  await using stack = new AsyncDisposableStack()
  const ways = await waysOf(ground, fences, stack)
  const [durability] = await ground.query('SELECT @@sync_binlog AS s, @@innodb_flush_log_at_trx_commit AS f')
  const compared: { figure: Figure; rates: Rates }[] = []
  for (const [what, { plain, dal }] of Object.entries(ways)) {
    const pairs = await compare(plain, dal, rounds)
    const added = median(pairs.map((pair) => pair.plain / pair.dal - 1)) * 100
    const rate = (which: keyof Rates) => Math.round(median(pairs.map((pair) => pair[which])))
    compared.push({
      figure: atMost(`the DAL adds to ${what}`, added, '% time', limitPercent),
      rates: { plain: rate('plain'), dal: rate('dal') },
    })
  }
  return {
    figures: compared.map(({ figure }) => figure),
    load: [before, busy()],
    notes: {
      durability: `sync_binlog=${durability?.s}, innodb_flush_log_at_trx_commit=${durability?.f}`,
      ...{ rounds, roundMs, writers },
      perSecond: Object.fromEntries(compared.map(({ figure, rates }) => [figure.what, rates])),
    },
  }
}

async function compare(plain: Way, dal: Way, rounds: number): Promise<readonly Rates[]> {
  await round(plain)
  await round(dal)
  const pairs: Rates[] = []
  for (let index = 0; index < rounds; index++) {
    // Whoever comes second in a pair has the larger table.
    const dalFirst = index % 2 === 0 ? await round(dal) : undefined
    const plainRate = await round(plain)
    pairs.push({ plain: plainRate, dal: dalFirst ?? (await round(dal)) })
  }
  return pairs
}

/** Writes per second of all writers at once. */
async function round(way: Way): Promise<number> {
  const beganMs = systemClock.monotonicMs()
  let done = 0
  const writer = async () => {
    for (; systemClock.monotonicMs() - beganMs < roundMs; done++) await way()
  }
  await Promise.all(Array.from({ length: writers }, writer))
  return (done / (systemClock.monotonicMs() - beganMs)) * 1000
}

const insert = 'INSERT INTO shop.orders (order_id, note, amount, shard, epoch) VALUES (?, ?, ?, ?, ?)'

async function waysOf(
  ground: DalGround,
  fences: Fences,
  stack: AsyncDisposableStack,
): Promise<Readonly<Record<string, { readonly plain: Way; readonly dal: Way }>>> {
  const db = stack.use(await ground.database())
  await fences.seed([fenceOf(31)])
  const text = { supportBigNumbers: true, bigNumberStrings: true }
  const pool = createPool({ ...ground.access('app'), connectionLimit: writers, ...text })
  stack.defer(() => pool.end())
  const claim = { shard: 31, epoch: 5 }
  const row = () => ({ order_id: ground.id(), note: 'bench', amount: 25.9 })
  const values = () => [String(ground.id()), 'bench', 25.9, 31, 5]

  // Rows to change; each writer mostly another, so that they seldom wait for one another.
  const rows = Array.from({ length: 2_000 }, () => ground.id())
  for (const id of rows) await db.insert(claim, 'shop.orders', { order_id: id, note: 'bench' })
  let turn = 0
  const known = () => String(rows[turn++ % rows.length])

  return {
    'a transaction that inserts': {
      plain: async () => {
        const connection = await pool.getConnection()
        await connection.query('START TRANSACTION')
        await connection.execute(insert, values())
        await connection.query('COMMIT')
        connection.release()
      },
      dal: () => db.write(claim, (tx) => tx.insert('shop.orders', row())),
    },
    'a transaction that takes a row and changes it': {
      plain: async () => {
        const connection = await pool.getConnection()
        const id = known()
        await connection.query('START TRANSACTION')
        await connection.execute('SELECT * FROM shop.orders WHERE order_id = ? FOR UPDATE', [id])
        const change = 'UPDATE shop.orders SET note = ?, epoch = ? WHERE order_id = ? AND shard = ?'
        await connection.execute(change, ['changed', 5, id, 31])
        await connection.query('COMMIT')
        connection.release()
      },
      dal: () =>
        db.write(claim, async (tx) => {
          const key = { order_id: known() }
          await tx.take('shop.orders', key)
          await tx.update('shop.orders', key, { note: 'changed' })
        }),
    },
    'a single statement': {
      plain: () => pool.execute(insert, values()),
      dal: () => db.insert(claim, 'shop.orders', row()),
    },
  }
}
