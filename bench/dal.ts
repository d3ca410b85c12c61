// What the DAL adds to a write, against plain mysql2 on the same table, triggers included: `node --conditions=ezone-source
// bench/dal.ts [rounds]`. Rounds of both alternate, so that what else the machine does weighs on both; the ratio is the
// median of the ratios of neighbours.
import process from 'node:process'
import { systemClock } from '@ezone/sdk/clock'
import { Fences } from '@ezone/sdk/dal'
import { createPool } from 'mysql2/promise'
import { DalGround, fenceOf } from '../testbed/testing/dal-ground.ts'

const rounds = Math.max(20, Number(process.argv.find((argument) => /^\d+$/.test(argument)) ?? 60))
const roundMs = 250
const writers = 16

await using ground = await DalGround.make({ bj: 45, sh: 46, edge: 47 })
await using db = await ground.database()
await using fences = Fences.open({ mysql: ground.access('fence'), clock: systemClock })
await fences.seed([fenceOf(31)])

const pool = createPool({
  ...ground.access('app'),
  connectionLimit: writers,
  supportBigNumbers: true,
  bigNumberStrings: true,
})
const claim = { shard: 31, epoch: 5 }
const insert = 'INSERT INTO shop.orders (order_id, note, amount, shard, epoch) VALUES (?, ?, ?, ?, ?)'
const row = () => ({ order_id: ground.id(), note: 'bench', amount: 25.9 })
const values = () => [String(ground.id()), 'bench', 25.9, 31, 5]

/** Rows to change; each writer mostly another, so that they seldom wait for one another. */
const rows: bigint[] = []
let turn = 0
const known = () => String(rows[turn++ % rows.length])
for (let index = 0; index < 2_000; index++) {
  rows.push(ground.id())
  await db.insert(claim, 'shop.orders', { order_id: rows[index] ?? 0n, note: 'bench' })
}

async function plainChange(): Promise<void> {
  const connection = await pool.getConnection()
  const id = known()
  await connection.query('START TRANSACTION')
  await connection.execute('SELECT * FROM shop.orders WHERE order_id = ? FOR UPDATE', [id])
  await connection.execute('UPDATE shop.orders SET note = ?, epoch = ? WHERE order_id = ? AND shard = ?', [
    'changed',
    5,
    id,
    31,
  ])
  await connection.query('COMMIT')
  connection.release()
}

const ways = {
  'plain transaction': async () => {
    const connection = await pool.getConnection()
    await connection.query('START TRANSACTION')
    await connection.execute(insert, values())
    await connection.query('COMMIT')
    connection.release()
  },
  'DAL transaction': () => db.write(claim, (tx) => tx.insert('shop.orders', row())),
  'plain change': () => plainChange(),
  'DAL change': () =>
    db.write(claim, async (tx) => {
      const key = { order_id: known() }
      await tx.take('shop.orders', key)
      await tx.update('shop.orders', key, { note: 'changed' })
    }),
  'plain statement': async () => void (await pool.execute(insert, values())),
  'DAL statement': () => db.insert(claim, 'shop.orders', row()),
} satisfies Record<string, () => Promise<unknown>>
type Way = keyof typeof ways

/** Writes per second of 16 writers at once. */
async function round(way: Way): Promise<number> {
  const beganMs = systemClock.monotonicMs()
  let done = 0
  const writer = async () => {
    for (; systemClock.monotonicMs() - beganMs < roundMs; done++) await ways[way]()
  }
  await Promise.all(Array.from({ length: writers }, writer))
  return (done / (systemClock.monotonicMs() - beganMs)) * 1000
}

const median = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN

async function compare(plain: Way, dal: Way): Promise<void> {
  const pairs: { plain: number; dal: number }[] = []
  await round(plain)
  await round(dal)
  for (let index = 0; index < rounds; index++) {
    // Whoever comes second in a pair has the larger table.
    const dalFirst = index % 2 === 0 ? await round(dal) : undefined
    const plainRate = await round(plain)
    pairs.push({ plain: plainRate, dal: dalFirst ?? (await round(dal)) })
  }
  const added = median(pairs.map((pair) => pair.plain / pair.dal - 1)) * 100
  const rate = (which: 'plain' | 'dal') => median(pairs.map((pair) => pair[which])).toFixed(0)
  process.stdout.write(
    `${dal.padEnd(16)} ${rate('dal')}/s, plain ${rate('plain')}/s: ${added < 0 ? '' : '+'}${added.toFixed(1)} % time (target <= 15 %, n=${rounds})\n`,
  )
}

const [durability] = await ground.query('SELECT @@sync_binlog AS s, @@innodb_flush_log_at_trx_commit AS f')
process.stdout.write(
  `${writers} writers, sync_binlog=${durability?.s}, innodb_flush_log_at_trx_commit=${durability?.f}\n`,
)
await compare('plain transaction', 'DAL transaction')
await compare('plain change', 'DAL change')
await compare('plain statement', 'DAL statement')
await pool.end()
