import type { Connection } from 'mysql2/promise'

export const schema = 'delivery'

/**
 * What the schema went through, in order. Each runs once per zone and is never changed afterwards: a change is a new
 * one. MySQL commits at every DDL statement, so each must stand being run again after a crash in its middle.
 */
const migrations: readonly (readonly string[])[] = [
  [
    `CREATE TABLE IF NOT EXISTS ${schema}.orders (
      order_id BIGINT UNSIGNED NOT NULL PRIMARY KEY,
      shard SMALLINT UNSIGNED NOT NULL,
      cell SMALLINT UNSIGNED NOT NULL,
      zone VARCHAR(12) NOT NULL,
      epoch BIGINT UNSIGNED NOT NULL,
      state VARCHAR(16) NOT NULL,
      user_id BIGINT UNSIGNED NULL,
      shop_id BIGINT UNSIGNED NULL,
      amount_fen BIGINT UNSIGNED NOT NULL,
      request_key VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
      created_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
      UNIQUE KEY request_key (request_key),
      KEY shard_state (shard, state, order_id)
    )`,
  ],
]

const lockSeconds = 10

/** Brings the schema of this zone up to date. Several instances may do so at once: a lock of the server lets one. */
export async function migrate(connection: Connection): Promise<void> {
  const [rows] = await connection.query(`SELECT GET_LOCK('${schema}.migrate', ${lockSeconds}) AS locked`)
  // 1, as text where the connection gives every BIGINT so; null or 0 where the lock was not had.
  if (String((rows as { locked: unknown }[])[0]?.locked) !== '1')
    throw new TypeError(`another instance has been migrating for more than ${lockSeconds} s`)
  try {
    await connection.query(`CREATE DATABASE IF NOT EXISTS ${schema} CHARACTER SET utf8mb4`)
    await connection.query(`CREATE TABLE IF NOT EXISTS ${schema}.migrations (number INT UNSIGNED NOT NULL PRIMARY KEY)`)
    const [done] = await connection.query(`SELECT number FROM ${schema}.migrations`)
    const numbers = new Set((done as { number: number }[]).map((row) => row.number))
    for (const [index, statements] of migrations.entries()) {
      if (numbers.has(index + 1)) continue
      for (const statement of statements) await connection.query(statement)
      await connection.query(`INSERT INTO ${schema}.migrations (number) VALUES (?)`, [index + 1])
    }
  } finally {
    await connection.query(`SELECT RELEASE_LOCK('${schema}.migrate')`)
  }
}
