import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock } from '@ezone/sdk/clock'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DrcGround } from '../../testing/drc-ground.ts'
import { DrcLoad } from '../../testing/drc-load.ts'
import { verifySources } from './find-verify.ts'
import { requireEqual } from './report.ts'
import { patienceOf, verify } from './verify.ts'

let ground: DrcGround
beforeAll(async () => {
  ground = await DrcGround.make({ bj: 85, sh: 86, edge: 87 }, { links: true })
  await ground.table('shop.orders', DrcLoad.columns)
  await ground.table(
    'shop.lines',
    'order_no BIGINT, line VARCHAR(20), shard INT NOT NULL DEFAULT 0, n INT, f FLOAT, j JSON',
    {
      key: ['order_no', 'line'],
    },
  )
  await ground.start()
})
afterAll(() => ground?.[Symbol.asyncDispose]())

function compare(withinMs = 20_000, tables: readonly string[] = []) {
  const sources = verifySources(ground.platform.ground, [], {
    clock: systemClock,
    signal: AbortSignal.timeout(120_000),
  })
  return verify({ ...sources, tables, patience: patienceOf(withinMs) })
}

/** One session writes what its binlog never tells. */
async function unlogged(zone: string, ...statements: readonly string[]): Promise<void> {
  const connection = await ground.open(zone)
  await connection.query('SET SESSION sql_log_bin = 0')
  for (const statement of statements) await connection.query(statement)
  connection.destroy()
}

/** Rows (1, 1) … (count, count), as a query. */
const numbers = (count: number) =>
  `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count}) SELECT i, i FROM n`

/** What a session says that writes as an applier does: the version stays as it is. */
const silently = "SET SESSION gtid_next = 'AUTOMATIC:drc_bj'"

const kinds: Readonly<Record<string, string>> = {
  'BIT(8)': "b'101'",
  "ENUM('a','b')": "'b'",
  "SET('a','b')": "'a,b'",
  'POINT SRID 4326': "ST_GeomFromText('POINT(31.23 121.47)', 4326)",
  BLOB: "x'00ff27'",
  'BINARY(4)': "x'00ff'",
  YEAR: '2026',
  'TIME(6)': "'-12:34:00.000001'",
  'TIMESTAMP(3)': "'2026-01-19 03:14:07.499'",
  'DECIMAL(30,10)': '-12345678901234567890.0123456789',
  DOUBLE: '0.1',
  'VARCHAR(20) CHARACTER SET latin1': "'café'",
  'VARCHAR(20) CHARACTER SET gbk': "'北京'",
  JSON: '\'{"a": [1, null]}\'',
}

describe('comparing the stores of two zones', () => {
  it('says equal under load, and reports no row that is only on its way', async () => {
    await using load = new DrcLoad(ground, { zone: 'bj', table: 'shop.orders', perSecond: 150 })
    await using other = new DrcLoad(ground, { zone: 'sh', table: 'shop.orders', perSecond: 150 })
    await sleep(1_000)
    for (let time = 0; time < 10; time++) {
      const report = await compare()
      expect(report).toMatchObject({ equal: true, differences: [], unknown: [] })
    }
    expect(load.acknowledged + other.acknowledged).toBeGreaterThan(300)
  })

  it('names each row that one zone has otherwise, lost, or deleted, by its columns', async () => {
    await ground.run(
      'bj',
      "INSERT INTO shop.lines (order_no, line, n, f, j) VALUES (7, 'a', 1, 0.1, '1'), (7, 'b', 1, 0.1, '1'), (7, 'c', 1, 0.1, '1'), (8, 'a', 1, 0.1, '1')",
    )
    await ground.caughtUp()
    expect(await compare()).toMatchObject({ equal: true })
    await unlogged('sh', "UPDATE shop.lines SET n = 42 WHERE order_no = 7 AND line = 'a'")
    await unlogged('sh', "DELETE FROM shop.lines WHERE order_no = 7 AND line = 'b'")
    await unlogged('sh', "INSERT INTO shop.lines (order_no, line, n) VALUES (9, 'only here', 1)")
    const report = await compare()
    expect(report.equal).toBe(false)
    const found = report.differences.map(({ table, key, kind, columns }) => ({
      table,
      key,
      kind,
      columns: columns.map(({ name }) => name),
    }))
    expect(found).toEqual([
      { table: 'shop.lines', key: { order_no: '7', line: 'a' }, kind: 'contents', columns: ['drc_ver', 'n'] },
      { table: 'shop.lines', key: { order_no: '7', line: 'b' }, kind: 'deleted', columns: [] },
      { table: 'shop.lines', key: { order_no: '9', line: 'only here' }, kind: 'missing', columns: [] },
    ])
    expect(report.differences[0]?.columns[1]).toEqual({ name: 'n', values: { bj: '1', sh: '42' } })
    expect(() => requireEqual(report)).toThrow(expect.objectContaining({ code: 'EZ_ZONES_DIFFER' }))
    expect(() => requireEqual(report)).toThrow(/order_no=7, line=a.* n bj 1, sh 42/)
    await ground.everywhere(['DELETE FROM shop.lines'])
  })

  it('finds one that a write with the same version differs in, down to the last digit of a FLOAT', async () => {
    await ground.run('bj', "INSERT INTO shop.lines (order_no, line, f, j) VALUES (1, 'x', 0.1, '{\"a\": 1}')")
    await ground.caughtUp()
    await unlogged('sh', silently, 'UPDATE shop.lines SET f = 0.10000001')
    expect(await compare()).toMatchObject({ equal: false, differences: [{ columns: [{ name: 'f' }] }] })
    await unlogged('sh', silently, 'UPDATE shop.lines SET f = 0.1, j = \'{"a": 1.0}\'')
    expect(await compare()).toMatchObject({ equal: false, differences: [{ columns: [{ name: 'j' }] }] })
    // Set at once it would stay as it is: the server takes 1 and 1.0 for the same.
    await unlogged('sh', silently, 'UPDATE shop.lines SET j = NULL', 'UPDATE shop.lines SET j = \'{"a": 1}\'')
    expect(await compare()).toMatchObject({ equal: true })
  })

  it('compares values of every kind, under keys of every kind', async () => {
    const key =
      'name VARCHAR(20) COLLATE utf8mb4_bin, kind ENUM("z", "a"), at DATETIME(6), shard INT NOT NULL DEFAULT 0'
    const names = Object.keys(kinds).map((_, index) => `c${index}`)
    const columns = Object.keys(kinds).map((type, index) => `c${index} ${type} NULL`)
    await ground.table('shop.kinds', [key, ...columns].join(', '), { key: ['name', 'kind', 'at'] })
    for (const [name, kind] of ["('it''s', 'a'", "('It''s', 'z'", "('北京', 'z'"].map((row) =>
      row.slice(1).split(', '),
    ))
      await ground.run(
        'bj',
        `INSERT INTO shop.kinds (name, kind, at, ${names}) VALUES (${name}, ${kind}, '2026-01-02 03:04:05.000006', ${Object.values(kinds)})`,
      )
    await ground.caughtUp()
    expect(await compare(20_000, ['shop.kinds'])).toMatchObject({ equal: true, tables: [{ rows: { bj: 3, sh: 3 } }] })
    const nothing = names.map((name) => `${name} = NULL`)
    await unlogged('sh', silently, `UPDATE shop.kinds SET ${nothing} WHERE kind = 'a'`)
    const { differences } = await compare(20_000, ['shop.kinds'])
    expect(differences.map((one) => one.key)).toEqual([{ name: "it's", kind: '2', at: '2026-01-02 03:04:05.000006' }])
    expect(differences[0]?.columns.map(({ name }) => name)).toEqual(names.toSorted())
    await ground.everywhere(['DROP TABLE shop.kinds'])
  })

  it('finds the few among many, in tables of more rows than it holds at a time', async () => {
    await ground.table('shop.many', 'id INT, shard INT NOT NULL DEFAULT 0, note VARCHAR(40)')
    await ground.run('bj', 'SET SESSION cte_max_recursion_depth = 30000')
    await ground.run('bj', `INSERT INTO shop.many (id, note) ${numbers(20_000)}`)
    await ground.caughtUp()
    await unlogged(
      'sh',
      'DELETE FROM shop.many WHERE id IN (1, 9999, 20000)',
      'UPDATE shop.many SET note = 2 WHERE id = 4096',
    )
    const report = await compare(20_000, ['shop.many'])
    expect(report.differences.map(({ key }) => key.id).toSorted()).toEqual(['1', '20000', '4096', '9999'])
    expect(report.tables).toMatchObject([{ rows: { bj: 20_000, sh: 19_997 }, differing: 4, complete: true }])
    await ground.everywhere(['DROP TABLE shop.many'])
  })

  it('finds what was lost without a trace, and ends a table early where nearly all differs', async () => {
    await ground.table('shop.lost', 'id INT, shard INT NOT NULL DEFAULT 0')
    await ground.run('bj', 'SET SESSION cte_max_recursion_depth = 30000')
    await ground.run('bj', `INSERT INTO shop.lost (id, shard) ${numbers(3_000)}`)
    await ground.caughtUp()
    await unlogged('sh', 'TRUNCATE TABLE shop.lost')
    const report = await compare(20_000, ['shop.lost'])
    expect(report).toMatchObject({ equal: false, tables: [{ complete: false }] })
    expect(report.differences[0]).toMatchObject({ kind: 'missing', zones: { sh: { state: 'absent', version: null } } })
    await ground.everywhere(['DROP TABLE shop.lost'])
  })

  it('names a table that one zone lacks, and a column that is another one', async () => {
    await ground.table('shop.half', 'id INT, shard INT NOT NULL DEFAULT 0', { zones: ['bj'] })
    await unlogged('sh', 'ALTER TABLE shop.lines ADD COLUMN more INT')
    const report = await compare()
    expect(report.equal).toBe(false)
    expect(report.tables).toMatchObject([
      { name: 'shop.half', problems: [expect.stringContaining('sh has no')] },
      { name: 'shop.lines', problems: ['column more: bj has none, sh int NULL'], rows: { bj: 1, sh: 1 } },
      { name: 'shop.orders', problems: [] },
    ])
    await unlogged('sh', 'ALTER TABLE shop.lines DROP COLUMN more')
    await ground.run('bj', 'DROP TABLE shop.half')
  })
})

describe('what cannot be told', () => {
  it('is unknown while the link is cut, and equal soon after it is joined', async () => {
    const signal = AbortSignal.timeout(60_000)
    await ground.platform.link('bj-sh').cut({ id: 'cut', direction: null }, signal)
    await ground.run('bj', 'INSERT INTO shop.orders (id) VALUES (1), (2), (3)')
    const report = await compare(1_500)
    expect(report).toMatchObject({ equal: null, differences: [] })
    const reason = expect.stringContaining('sh has applied bj up to transaction')
    expect(report.unknown[0]).toMatchObject({ zone: 'sh', table: 'shop.orders', reason })
    expect(() => requireEqual(report)).toThrow(expect.objectContaining({ code: 'EZ_ZONES_UNKNOWN' }))
    await ground.platform.link('bj-sh').join('cut', signal)
    expect(await compare()).toMatchObject({ equal: true })
  })

  it('is unknown where nobody carries the changes, which it says', async () => {
    await ground.platform.program('sh', 'drc').kill()
    await ground.run('bj', 'INSERT INTO shop.orders (id) VALUES (4)')
    const report = await compare(1_000)
    const reason = expect.stringContaining('its applier is')
    expect(report).toMatchObject({ equal: null, differences: [], unknown: [{ zone: 'sh', reason }] })
    await ground.start(1, ['sh'])
    expect(await compare()).toMatchObject({ equal: true })
  })

  it('is unknown where a zone does not answer', async () => {
    await ground.platform.stopStore('sh/mysql', 'kill')
    const report = await compare()
    expect(report).toMatchObject({ equal: null, zones: ['bj'], unknown: [{ zone: 'sh' }] })
  })
})
