import { createConnection } from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DalGround } from '../testing/dal-ground.ts'

let dal: DalGround
beforeAll(async () => {
  dal = await DalGround.make({ bj: 45, sh: 46, edge: 47 })
})
afterAll(async () => {
  await dal?.[Symbol.asyncDispose]()
})

const tables = () =>
  dal.query(`SELECT CONCAT(table_schema, '.', table_name) AS name FROM information_schema.tables
    WHERE table_schema LIKE 'ezone%' ORDER BY name`)

describe("a zone's own schemas", () => {
  it('are there from the first moment, and in no binlog', async () => {
    expect((await tables()).map(({ name }) => name)).toEqual(
      expect.arrayContaining(['ezone.fence', 'ezone_drc.migration', 'ezone_drc.position', 'ezone_drc.tombstone']),
    )
    expect(await dal.one('SELECT @@GLOBAL.gtid_executed')).toBe('')
  })

  it('keep what is in them over a start', async () => {
    const fence = await dal.connect('fence')
    await fence.query("INSERT INTO ezone.fence VALUES (31, 'bj', 5, 'ACTIVE', 0, 7)")
    const before = await tables()
    await dal.ground.stop(dal.spec)
    await dal.ground.start(dal.spec)
    expect(await dal.one('SELECT epoch FROM ezone.fence')).toBe('5')
    expect(await tables()).toEqual(before)
  })
})

describe('an account', () => {
  const denied = { errno: expect.toSatisfy((errno: number) => [1044, 1142, 1227, 6038].includes(errno)) }

  it.each([
    ['app', "UPDATE ezone.fence SET zone = 'sh'"],
    ['app', "INSERT INTO ezone.fence VALUES (1, 'bj', 5, 'ACTIVE', 0, 0)"],
    ['app', 'DELETE FROM ezone.fence'],
    ['app', 'CREATE TABLE ezone.mine (id INT)'],
    ['app', 'CREATE TRIGGER ezone.mine BEFORE INSERT ON ezone.fence FOR EACH ROW SET NEW.epoch = 1'],
    ['app', 'LOCK TABLES ezone.fence WRITE'],
    ['app', 'SELECT * FROM ezone.fence FOR UPDATE'],
    ['app', "INSERT INTO ezone_drc.position VALUES ('sh', 'x', 1, 1)"],
    ['app', 'ALTER TABLE ezone_drc.tombstone ADD COLUMN x INT'],
    ['app', "SET gtid_next = 'AUTOMATIC:drc_sh'"],
    ['app', 'SET sql_log_bin = 0'],
    ['app', 'SET GLOBAL server_id = 21'],
    ['fence', 'CREATE TABLE ezone.mine (id INT)'],
    ['fence', "INSERT INTO ezone_drc.position VALUES ('sh', 'x', 1, 1)"],
    ['fence', 'CREATE DATABASE mine'],
    ['drc', 'UPDATE ezone.fence SET epoch = 1'],
    ['drc', 'SELECT user FROM mysql.user'],
    ['drc', 'CREATE DATABASE mine'],
    ['drc', 'SET GLOBAL server_id = 21'],
  ] as const)('%s may not: %s', async (account, sql) => {
    const connection = await dal.connect(account)
    await expect(connection.query(sql)).rejects.toMatchObject(denied)
  })

  it.each([
    ['app', 'SELECT * FROM ezone.fence FOR SHARE'],
    ['app', 'SELECT * FROM ezone_drc.conflict'],
    ['fence', 'SELECT * FROM information_schema.innodb_trx'],
    ['fence', 'SELECT * FROM ezone_drc.position'],
    ['drc', "SET gtid_next = 'AUTOMATIC:drc_sh'"],
    ['drc', 'SHOW BINARY LOG STATUS'],
    ['drc', "INSERT INTO ezone_drc.tombstone VALUES ('a.b', '1', 1)"],
  ] as const)('%s may: %s', async (account, sql) => {
    const connection = await dal.connect(account)
    await expect(connection.query(sql)).resolves.toBeDefined()
  })
})

describe('a server of the Global Zone', () => {
  it('knows where each master would be and follows none, and refuses writes until it is told its role', async () => {
    const spec = dal.ground.spec('sh/mysql-global', 'mysql')
    await dal.ground.start(spec)
    const { root } = dal.ground.credentials.mysql
    const connection = await createConnection({ ...spec.ports[0]?.host, ...root })
    const [channels] = await connection.query('SHOW REPLICA STATUS')
    const [source] = spec.sources
    expect(spec.sources.map(({ zone }) => zone)).toEqual(['bj'])
    expect(channels).toMatchObject([
      {
        Channel_Name: 'from_bj',
        Source_Host: source?.address.host,
        Source_Port: source?.address.port,
        Auto_Position: 1,
        Replica_IO_Running: 'No',
        Replica_SQL_Running: 'No',
      },
    ])
    await expect(connection.query('CREATE DATABASE mine')).rejects.toMatchObject({ errno: 1290 })
    connection.destroy()
  })
})
