import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DrcGround } from '../../testbed/testing/drc-ground.ts'

let ground: DrcGround
beforeAll(async () => {
  ground = await DrcGround.make({ bj: 60, sh: 61, edge: 63 })
  await ground.start()
})
afterAll(() => ground?.[Symbol.asyncDispose]())

/** Column type -> SQL of values at its borders and where readers of binlogs go wrong. */
const types: Readonly<Record<string, readonly string[]>> = {
  TINYINT: ['-128', '127'],
  'TINYINT UNSIGNED': ['0', '255'],
  SMALLINT: ['-32768'],
  'SMALLINT UNSIGNED': ['65535'],
  MEDIUMINT: ['-8388608', '-1'],
  'MEDIUMINT UNSIGNED': ['16777215'],
  INT: ['-2147483648', '2147483647'],
  'INT UNSIGNED': ['4294967295'],
  BIGINT: ['-9223372036854775808', '9007199254740993'],
  'BIGINT UNSIGNED': ['18446744073709551615', '9007199254740993'],
  'DECIMAL(30,10)': ['-12345678901234567890.0123456789', '0.0000000001', '-0.5'],
  'DECIMAL(65,0)': ['99999999999999999999999999999999999999999999999999999999999999999'],
  FLOAT: ['0.1', '-3.4028234e38', '1e-40'],
  DOUBLE: ['0.1', '1.7976931348623157e308', '5e-324', '-1.5'],
  'BIT(1)': ["b'1'", "b'0'"],
  'BIT(64)': ['18446744073709551615', "b'1010'"],
  DATE: ["'1000-01-01'", "'9999-12-31'", "'2024-02-29'"],
  DATETIME: ["'1000-01-01 00:00:00'"],
  'DATETIME(6)': ["'9999-12-31 23:59:59.999999'", "'2024-02-29 12:00:00.000001'"],
  'TIMESTAMP(3) NULL': ["'2038-01-19 03:14:07.499'", "'1970-01-01 00:00:01.001'"],
  TIME: ["'-838:59:59'", "'-00:01:00'", "'-01:00:00'", "'838:59:59'", "'00:00:00'"],
  'TIME(1)': ["'-00:00:00.1'", "'12:59:59.9'"],
  'TIME(3)': ["'-00:01:00.250'", "'-00:00:59.999'"],
  'TIME(6)': ["'-00:00:00.000001'", "'-12:34:00'", "'23:59:59.999999'"],
  YEAR: ['0', '1901', '2155'],
  'CHAR(10)': ["'end'", "''", "'渝A·123'"],
  'VARCHAR(300)': ["REPEAT('火锅', 150)", "'it''s \\\\ \"q\" 🍜'", "''"],
  'VARCHAR(20) CHARACTER SET latin1': ["'caf\u00e9'"],
  'VARCHAR(20) CHARACTER SET gbk': ["'北京'"],
  'BINARY(4)': ["x'00ff'", "x'01020304'", "x'00000000'"],
  'VARBINARY(300)': ["x''", "x'00'", "x'00ff27225c0a1a'"],
  TINYTEXT: ["'short'"],
  MEDIUMTEXT: ["REPEAT('x', 70000)"],
  BLOB: ["x'00010203fffe'", "x''"],
  "ENUM('a','b','it''s')": ["'a'", "'it''s'"],
  "SET('a','b','c')": ["''", "'a,c'"],
  JSON: [
    String.raw`'{"a": 1, "b": 1.0, "c": -0.0, "d": 1e20, "e": 9007199254740993, "f": 18446744073709551615, "g": [null, true, {"火": "\\"q\\\\n"}]}'`,
    `'null'`,
    `'"text"'`,
    `'[]'`,
    `'{"__proto__": 1, "10": 2, "2": 3}'`,
    `CAST(CONCAT('["', REPEAT('y', 70000), '", 1, 70000, -70000, {"k": 3000000000}]') AS JSON)`,
  ],
  'POINT SRID 4326': ["ST_GeomFromText('POINT(31.23 121.47)', 4326)"],
  GEOMETRY: ["ST_GeomFromText('POLYGON((0 0, 0 3, 3 3, 0 0))')"],
}

const columns = Object.keys(types).map((type, i) => `c${i} ${type}`)

describe('a row of every column type', () => {
  it('arrives as it was, when inserted, updated and deleted', async () => {
    await ground.table(
      'every.types',
      `id INT, ${columns.join(', ')}, plus BIGINT AS (id + 1) STORED, virtually BIGINT AS (id * 2) VIRTUAL, hidden INT INVISIBLE`,
    )
    const longest = Math.max(...Object.values(types).map((values) => values.length))
    const names = columns.map((_, i) => `c${i}`).join(', ')
    for (let row = 0; row < longest; row++) {
      const values = Object.values(types).map((all) => all[row] ?? 'NULL')
      await ground.run(
        'bj',
        `INSERT INTO every.types (id, ${names}, hidden) VALUES (${row}, ${values.join(', ')}, ${row})`,
      )
      await ground.run('bj', `INSERT INTO every.types (id, hidden) VALUES (${100 + row}, 7)`)
      const changes = values.map((value, i) => `c${i} = ${value}`).join(', ')
      await ground.run('bj', `UPDATE every.types SET ${changes} WHERE id = ${100 + row}`)
    }
    await ground.run('bj', 'INSERT INTO every.types (id) VALUES (200)')
    await ground.run('bj', 'DELETE FROM every.types WHERE id = 200')
    await ground.caughtUp()
    const texts = `SELECT id, hidden, plus, virtually, drc_ver, ${names} FROM every.types ORDER BY id`
    const bytes = columns.map((_, i) => `HEX(CAST(c${i} AS BINARY)) AS h${i}`).join(', ')
    const floats = Object.keys(types).flatMap((type, i) => (/FLOAT|DOUBLE/.test(type) ? [`c${i} * 1e0 AS f${i}`] : []))
    const hex = `SELECT id, ${bytes}, ${floats.join(', ')} FROM every.types ORDER BY id`
    expect(await ground.run('sh', texts)).toEqual(await ground.run('bj', texts))
    expect(await ground.run('sh', hex)).toEqual(await ground.run('bj', hex))
    expect(await ground.run('sh', 'SELECT COUNT(*) AS n FROM every.types')).toEqual([{ n: String(2 * longest) }])
  })
})
