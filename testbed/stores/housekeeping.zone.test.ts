import { setTimeout as sleep } from 'node:timers/promises'
import { type Connection, createConnection } from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TestGround } from '../testing/ground.ts'
import type { MysqlSpec } from '../topology/blueprint.ts'
import { keepHouse } from './housekeeping.ts'

const MiB = 2 ** 20
// More than the kernel holds between the two servers while the reader stands still.
const rows = 40
const bytesMax = 3 * MiB

let ground: TestGround
let source: MysqlSpec
let reader: MysqlSpec
let atSource: Connection
let atReader: Connection

beforeAll(async () => {
  ground = await TestGround.make({ octets: { bj: 123, sh: 124, edge: 125 } })
  source = ground.spec('bj/mysql', 'mysql')
  reader = ground.spec('sh/mysql', 'mysql')
  await Promise.all([source, reader].map((spec) => ground.start(spec)))
  ;[atSource, atReader] = await Promise.all([connect(source), connect(reader)])
  await atSource.query(`SET GLOBAL max_binlog_size = ${MiB}`)
  await atSource.query('CREATE DATABASE orders')
  await atSource.query('CREATE TABLE orders.t (id INT PRIMARY KEY AUTO_INCREMENT, body MEDIUMBLOB)')
})
afterAll(async () => {
  for (const connection of [atSource, atReader]) connection?.destroy()
  await ground[Symbol.asyncDispose]()
})

const connect = (spec: MysqlSpec) => createConnection({ ...spec.ports[0]?.host, ...ground.credentials.mysql.root })

const keep = () =>
  keepHouse([source], { credentials: ground.credentials, signal: AbortSignal.timeout(10_000), bytesMax })

const keptBytes = async () => {
  const [kept] = await keep()
  return kept && 'bytesAfter' in kept ? kept.bytesAfter : Number.NaN
}

async function follow(): Promise<void> {
  const { user, password } = ground.credentials.mysql.replication
  const { host, port } = source.ports[0]?.host ?? {}
  await atReader.query(
    `CHANGE REPLICATION SOURCE TO SOURCE_HOST=?, SOURCE_PORT=${port}, SOURCE_USER=?, SOURCE_PASSWORD=?,
     SOURCE_AUTO_POSITION=1, GET_SOURCE_PUBLIC_KEY=1`,
    [host, user, password],
  )
  await atReader.query('START REPLICA')
  await untilRows(0)
}

/** Waits until the reader has so many rows. */
async function untilRows(count: number): Promise<void> {
  for (let waits = 0; waits < 300; waits++, await sleep(50)) {
    const [result] = (await atReader.query('SELECT COUNT(*) AS n FROM orders.t').catch(() => [[]])) as unknown as [
      { n: number }[],
    ]
    if (result[0]?.n === count) return
  }
  const [[status]] = (await atReader.query('SHOW REPLICA STATUS')) as unknown as [Record<string, string>[]]
  throw new Error(`the reader does not have ${count} rows: ${status?.Last_IO_Error} ${status?.Last_SQL_Error}`)
}

describe('keeping binlogs under a limit', () => {
  it('takes nothing that a connected reader has before it, and the reader misses nothing', async () => {
    await follow()
    const pid = await ground.pid(reader)
    process.kill(pid, 'SIGSTOP')
    try {
      const insert = `INSERT INTO orders.t (body) VALUES (REPEAT('x', ${MiB}))`
      for (let row = 0; row < rows; row++) await atSource.query(insert)
      expect(await keptBytes()).toBeGreaterThan(bytesMax)
    } finally {
      process.kill(pid, 'SIGCONT')
    }
    await untilRows(rows)
  })

  it('takes the oldest files when nobody needs them any more', async () => {
    await atReader.query('STOP REPLICA')
    // The server notices that a reader is gone when it next writes to it.
    for (let round = 0; round < 50 && (await keptBytes()) > bytesMax; round++) {
      await atSource.query('INSERT INTO orders.t (body) VALUES (1)')
      await sleep(100)
    }
    const [files] = (await atSource.query('SHOW BINARY LOGS')) as unknown as [{ File_size: number }[]]
    expect(files.length).toBeGreaterThan(1)
    expect(files.reduce((sum, file) => sum + file.File_size, 0)).toBeLessThanOrEqual(bytesMax)
  })

  it('has the error of a server that does not answer in its result, beside those of the others', async () => {
    const absent = ground.spec('bj/mysql-global', 'mysql')
    const signal = AbortSignal.timeout(10_000)
    expect(await keepHouse([absent, source], { credentials: ground.credentials, signal, bytesMax })).toEqual([
      { spec: absent.id, error: expect.stringContaining('ECONNREFUSED') },
      { spec: source.id, bytesBefore: expect.any(Number), bytesAfter: expect.any(Number) },
    ])
  })
})
