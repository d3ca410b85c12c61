import { multiActive } from '@ezone/sdk/dal'

export const tables = {
  turns: 'demo.turns',
} as const

/** Run once per zone, in this order, and never changed afterwards: a change is a new one at the end. */
export const migrations: readonly (readonly string[])[] = [
  [
    'CREATE DATABASE IF NOT EXISTS demo CHARACTER SET utf8mb4',
    `CREATE TABLE IF NOT EXISTS ${tables.turns} (
      shard SMALLINT UNSIGNED NOT NULL PRIMARY KEY,
      epoch BIGINT UNSIGNED NOT NULL,
      zone VARCHAR(12) NOT NULL,
      turns BIGINT UNSIGNED NOT NULL,
      last_at DATETIME(3) NOT NULL
    )`,
    ...multiActive(tables.turns, ['shard']),
  ],
]
