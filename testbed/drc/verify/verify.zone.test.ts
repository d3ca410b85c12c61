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
    const silently = "SET SESSION gtid_next = 'AUTOMATIC:drc_bj'"
    await unlogged('sh', silently, 'UPDATE shop.lines SET f = 0.10000001')
    expect(await compare()).toMatchObject({ equal: false, differences: [{ columns: [{ name: 'f' }] }] })
    await unlogged('sh', silently, 'UPDATE shop.lines SET f = 0.1, j = \'{"a": 1.0}\'')
    expect(await compare()).toMatchObject({ equal: false, differences: [{ columns: [{ name: 'j' }] }] })
    await unlogged('sh', silently, 'UPDATE shop.lines SET j = \'{"a": 1}\'')
    expect(await compare()).toMatchObject({ equal: true })
  })
})
