import { readdir } from 'node:fs/promises'
import { createConnection } from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TestGround } from '../testing/ground.ts'
import { tool } from '../testing/tool.ts'
import type { MysqlSpec } from '../topology/blueprint.ts'
import type { Account } from './credentials.ts'

const mariadb = await tool('mariadb')

let ground: TestGround
let spec: MysqlSpec

beforeAll(async () => {
  ground = await TestGround.make({ octets: { bj: 123, sh: 124, edge: 125 } })
  spec = ground.spec('sh/mysql', 'mysql')
  await ground.start(spec)
})
afterAll(() => ground[Symbol.asyncDispose]())

const address = () => spec.ports[0]?.host ?? { host: '', port: 0 }

async function query(
  sql: string,
  account: Account = ground.credentials.mysql.root,
): Promise<Record<string, unknown>[]> {
  const connection = await createConnection({ ...address(), ...account })
  try {
    return (await connection.query(sql))[0] as Record<string, unknown>[]
  } finally {
    await connection.end()
  }
}

const column = async (sql: string, account?: Account) => (await query(sql, account)).map((row) => Object.values(row)[0])

describe('a MySQL from the template', () => {
  it('is at its birth nobody else: an empty GTID set and an identity of its own', async () => {
    const other = ground.spec('sh/mysql-global', 'mysql')
    await ground.start(other)
    const [row] = await query('SELECT @@gtid_executed AS gtids, @@server_uuid AS uuid')
    const connection = await createConnection({ ...other.ports[0]?.host, ...ground.credentials.mysql.root })
    const [[theirs]] = (await connection.query('SELECT @@server_uuid AS uuid')) as unknown as [{ uuid: string }[]]
    await connection.end()
    await ground.stop(other)
    expect(row?.gtids).toBe('')
    expect(row?.uuid).not.toBe(theirs?.uuid)
  })

  it('has the settings of its spec', async () => {
    const [settings] = await query(`SELECT @@sync_binlog, @@innodb_flush_log_at_trx_commit, @@innodb_doublewrite,
      @@server_id, @@auto_increment_increment, @@auto_increment_offset, @@gtid_mode, @@binlog_format,
      @@binlog_row_image, @@binlog_row_metadata, @@character_set_server, @@max_binlog_size, @@binlog_expire_logs_seconds`)
    expect(settings).toEqual({
      '@@sync_binlog': 1,
      '@@innodb_flush_log_at_trx_commit': 1,
      '@@innodb_doublewrite': 'ON',
      '@@server_id': spec.serverId,
      '@@auto_increment_increment': 16,
      '@@auto_increment_offset': 2,
      '@@gtid_mode': 'ON',
      '@@binlog_format': 'ROW',
      '@@binlog_row_image': 'FULL',
      '@@binlog_row_metadata': 'FULL',
      '@@character_set_server': 'utf8mb4',
      '@@max_binlog_size': 32 * 2 ** 20,
      '@@binlog_expire_logs_seconds': 3 * 24 * 3600,
    })
  })

  it('numbers rows with its zone', async () => {
    await query('CREATE DATABASE numbers')
    await query('CREATE TABLE numbers.t (id BIGINT PRIMARY KEY AUTO_INCREMENT, x INT)')
    await query('INSERT INTO numbers.t (x) VALUES (1), (2), (3)')
    expect(await column('SELECT id FROM numbers.t ORDER BY id')).toEqual([2, 18, 34])
  })

  it('has no account but its own five and the locked ones of the server', async () => {
    const { root, replication, app, fence, drc } = ground.credentials.mysql
    const open = await column(`SELECT user FROM mysql.user WHERE account_locked = 'N' ORDER BY user`)
    expect(open).toEqual([root, replication, app, fence, drc].map(({ user }) => user).sort())
    const noSecret = await column(
      `SELECT user FROM mysql.user WHERE account_locked = 'N' AND authentication_string = ''`,
    )
    expect(noSecret).toEqual([])
  })

  it('lets a service work in schemas of its own, but not in those of the server', async () => {
    const { app } = ground.credentials.mysql
    await query('CREATE DATABASE shop', app)
    await query('CREATE TABLE shop.orders (id BIGINT PRIMARY KEY)', app)
    await query('INSERT INTO shop.orders VALUES (7)', app)
    expect(await column('SELECT id FROM shop.orders', app)).toEqual([7])
    await expect(query('SELECT user FROM mysql.user', app)).rejects.toMatchObject({
      code: 'ER_TABLEACCESS_DENIED_ERROR',
    })
    await expect(query('SET GLOBAL sync_binlog = 0', app)).rejects.toMatchObject({ errno: 1227 })
  })

  it('refuses a wrong password', async () => {
    const { app } = ground.credentials.mysql
    await expect(query('SELECT 1', { ...app, password: 'guessed-guessed-guessed' })).rejects.toMatchObject({
      code: 'ER_ACCESS_DENIED_ERROR',
    })
  })

  it('keeps its keys out of the data folder, which comes from a template that others have too', async () => {
    const files = await readdir(`${ground.dataDir(spec)}/mysql`)
    expect(files.filter((file) => file.endsWith('.pem'))).toEqual([])
  })

  it.skipIf(mariadb === null)(
    "serves the distribution's client over TCP, also as the first login after a start",
    async () => {
      const { app } = ground.credentials.mysql
      await query('FLUSH PRIVILEGES') // Empties the password cache, as a start does.
      const { host, port } = address()
      const login = [
        '--protocol=tcp',
        `--host=${host}`,
        `--port=${port}`,
        `--user=${app.user}`,
        `--password=${app.password}`,
      ]
      expect(await mariadb?.([...login, '--batch', '--skip-column-names', '-e', 'SELECT CURRENT_USER()'])).toBe(
        'ezone@%',
      )
    },
  )

  it('offers TLS to clients that want it', async () => {
    const ssl = { ca: ground.credentials.tls.certificate, verifyIdentity: false, rejectUnauthorized: true }
    const connection = await createConnection({ ...address(), ...ground.credentials.mysql.app, ssl })
    const [[row]] = (await connection.query("SHOW STATUS LIKE 'Ssl_version'")) as unknown as [{ Value: string }[]]
    await connection.end()
    expect(row?.Value).toMatch(/^TLSv1\.[23]$/)
  })

  it('loses nothing it acknowledged when it is killed', async () => {
    await query('CREATE DATABASE kept')
    await query('CREATE TABLE kept.t (id INT PRIMARY KEY)')
    for (let id = 0; id < 50; id++) await query(`INSERT INTO kept.t VALUES (${id})`)
    await ground.kill(spec)
    await ground.start(spec)
    expect(await column('SELECT COUNT(*) FROM kept.t')).toEqual([50])
  })

  it('writes nothing of its accounts into the binlog, at any start', async () => {
    const before = await column('SELECT @@gtid_executed')
    await ground.stop(spec)
    await ground.start(spec)
    expect(await column('SELECT @@gtid_executed')).toEqual(before)
  })
})
