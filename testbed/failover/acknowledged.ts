import { systemClock } from '@ezone/sdk/clock'
import { acknowledgedSchema, type RoutingTable } from '@ezone/sdk/model'
import type { Connection, RowDataPacket } from 'mysql2/promise'
import { mysqlDoors } from '../drc/find-drc.ts'
import { servicesOf } from '../gzs/find-gzs.ts'
import type { Testbed } from '../session/testbed.ts'

const askMs = 5_000
/** Routers remember a minute. */
const sinceMs = 55_000
const atOnce = 500

export interface NotArrived {
  readonly shard: number
  readonly name: string
  /** Orders of which the edge acknowledged a write in the last minute. */
  readonly acknowledged: number
  /** Of these, the ones of which the newest is not in the other zone yet. */
  readonly orders: readonly string[]
}

export interface LostNow {
  readonly shards: readonly NotArrived[]
  /** False where a router, or the other zone's database, could not tell all. */
  readonly complete: boolean
}

/** What a hard switch would leave behind at this moment, seen from outside: what was acknowledged, against the rows. */
export async function lostNow(
  { name, blueprint, credentials }: Testbed,
  shards: RoutingTable['shards'],
  to: string,
  signal: AbortSignal,
): Promise<LostNow> {
  const routers = await servicesOf(name, 'router')
  const door = mysqlDoors(blueprint, credentials).find(({ zone }) => zone === to)
  const { createConnection } = await import('mysql2/promise')
  const options = { connectTimeout: askMs, supportBigNumbers: true, bigNumberStrings: true }
  const connection = door && (await createConnection({ ...door.mysql, ...options }).catch(() => undefined))
  let complete = connection !== undefined && routers.length > 0
  try {
    const found: NotArrived[] = []
    for (const { shard, name: called } of shards) {
      const told = await Promise.all(routers.map((router) => acknowledged(router, shard, signal)))
      if (told.some((one) => one === null)) complete = false
      const newest = newestOf(told.flatMap((one) => one ?? []).filter(({ zone }) => zone !== to))
      const orders = connection === undefined ? [...newest.keys()] : await behind(connection, newest)
      found.push({ shard, name: called, acknowledged: newest.size, orders })
    }
    return { shards: found, complete }
  } finally {
    connection?.destroy()
  }
}

type Told = ReturnType<typeof acknowledgedSchema.parse>['orders'][number]

/** null where it does not tell all. */
async function acknowledged(
  { host, port }: { readonly host: string; readonly port: number },
  shard: number,
  signal: AbortSignal,
): Promise<readonly Told[] | null> {
  const all: Told[] = []
  const soon = AbortSignal.any([signal, AbortSignal.timeout(askMs)])
  const since = String(systemClock.nowMs() - sinceMs)
  for (let after: string | null = '0'; after !== null; ) {
    const query = new URLSearchParams({ shard: String(shard), sinceMs: since, after })
    const response = await fetch(`http://${host}:${port}/acknowledged?${query}`, { signal: soon }).catch(() => null)
    const page = acknowledgedSchema.safeParse(await response?.json().catch(() => null))
    if (!page.success) return null
    all.push(...page.data.orders)
    after = page.data.next
  }
  return all
}

function newestOf(told: readonly Told[]): ReadonlyMap<string, bigint> {
  const newest = new Map<string, bigint>()
  for (const { orderId, version } of told)
    if ((newest.get(orderId) ?? 0n) < BigInt(version)) newest.set(orderId, BigInt(version))
  return newest
}

async function behind(connection: Connection, newest: ReadonlyMap<string, bigint>): Promise<readonly string[]> {
  const ids = [...newest.keys()]
  const late: string[] = []
  for (let i = 0; i < ids.length; i += atOnce) {
    const some = ids.slice(i, i + atOnce)
    const sql = `SELECT order_id, drc_ver FROM delivery.orders WHERE order_id IN (${some.map(BigInt).join(', ')})`
    const [rows] = await connection.query<RowDataPacket[]>({ sql, timeout: askMs })
    const there = new Map(rows.map((row) => [String(row.order_id), BigInt(row.drc_ver)]))
    late.push(...some.filter((id) => (there.get(id) ?? 0n) < (newest.get(id) ?? 0n)))
  }
  return late
}
