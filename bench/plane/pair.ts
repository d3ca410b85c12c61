import { setTimeout as sleep } from 'node:timers/promises'
import { multiActive } from '@ezone/sdk/dal'
import { createConnection } from 'mysql2/promise'
import type { Whole } from '../../tools/prove/whole.ts'
import { columns, Load } from './load.ts'
import { Watcher } from './watcher.ts'

export const perSecond = 300

/** Two stores between which something replicates, over the same link: written in one, watched in the other. */
export interface Pair extends AsyncDisposable {
  readonly load: Load
  readonly watcher: Watcher
}

/** Rows written in bj come to sh by DRC. */
export async function drcPair(whole: Whole, name: string): Promise<Pair> {
  const [bj, sh] = [uriOf(whole, 'BJ_MYSQL'), uriOf(whole, 'SH_MYSQL')]
  const table = `bench.${name}`
  for (const uri of [bj, sh]) await run(uri, ...made(table), ...multiActive(table, ['id']))
  return pair(table, bj, sh)
}

/** The rival: rows written on the Global Zone's master come to its replica by MySQL's own replication. */
export async function nativePair(whole: Whole, name: string): Promise<Pair> {
  const [bj, sh] = [uriOf(whole, 'BJ_MYSQL_GLOBAL'), uriOf(whole, 'SH_MYSQL_GLOBAL')]
  const table = `bench.${name}`
  await run(bj, ...made(table))
  return pair(table, bj, sh)
}

const made = (table: string) => ['CREATE DATABASE IF NOT EXISTS bench', `CREATE TABLE ${table} (${columns})`]

async function pair(table: string, source: string, target: string): Promise<Pair> {
  await using opened = new AsyncDisposableStack()
  const load = opened.use(await Load.open({ uri: source, table, perSecond }))
  // The table has to have come too.
  await using connection = await createConnection({ uri: target })
  const isThere = () =>
    connection.query(`SELECT 1 FROM ${table} LIMIT 1`).then(
      () => true,
      () => false,
    )
  for (let tries = 200; !(await isThere()); tries--) {
    if (tries === 0) throw new Error(`${table} has not come`)
    await sleep(50)
  }
  const watcher = opened.use(await Watcher.open(target, table))
  const all = opened.move()
  return { load, watcher, [Symbol.asyncDispose]: () => all.disposeAsync() }
}

/** As root: the bench measures replication, and not the fence rows. */
function uriOf({ env }: Whole, store: string): string {
  const of = (what: string) => env[`EZONE_${store}_${what}`] ?? ''
  return `mysql://root:${encodeURIComponent(of('ROOT_PASSWORD'))}@${of('HOST')}:${of('PORT')}`
}

async function run(uri: string, ...statements: readonly string[]): Promise<void> {
  await using connection = await createConnection({ uri })
  for (const statement of statements) await connection.query(statement)
}

/** How durable the stores are, as they say themselves. */
export async function durabilityOf(whole: Whole): Promise<string> {
  const [row] = await whole.rows('bj', 'SELECT @@sync_binlog AS s, @@innodb_flush_log_at_trx_commit AS f')
  return `sync_binlog=${row?.s}, innodb_flush_log_at_trx_commit=${row?.f}`
}
