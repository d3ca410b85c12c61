import { multiActive } from '@ezone/sdk/dal'

export const tables = {
  heard: 'demo.heard',
} as const

/** Run once per zone, in this order, and never changed afterwards: a change is a new one at the end. */
export const migrations: readonly (readonly string[])[] = [
  [
    'CREATE DATABASE IF NOT EXISTS demo CHARACTER SET utf8mb4',
    `CREATE TABLE IF NOT EXISTS ${tables.heard} (
      order_id BIGINT UNSIGNED NOT NULL PRIMARY KEY,
      shard SMALLINT UNSIGNED NOT NULL,
      epoch BIGINT UNSIGNED NOT NULL,
      zone VARCHAR(12) NOT NULL,
      state VARCHAR(16) NOT NULL,
      version BIGINT UNSIGNED NOT NULL,
      heard_at DATETIME(3) NOT NULL
    )`,
    ...multiActive(tables.heard, ['order_id']),
  ],
]
