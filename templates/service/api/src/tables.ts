import { multiActive, requestTable } from '@ezone/sdk/dal'

export const tables = {
  notes: 'demo.notes',
  requests: 'demo.requests',
} as const

/** Run once per zone, in this order, and never changed afterwards: a change is a new one at the end. */
export const migrations: readonly (readonly string[])[] = [
  [
    'CREATE DATABASE IF NOT EXISTS demo CHARACTER SET utf8mb4',
    `CREATE TABLE IF NOT EXISTS ${tables.notes} (
      note_id BIGINT UNSIGNED NOT NULL PRIMARY KEY,
      shard SMALLINT UNSIGNED NOT NULL,
      epoch BIGINT UNSIGNED NOT NULL,
      cell SMALLINT UNSIGNED NOT NULL,
      zone VARCHAR(12) NOT NULL,
      text VARCHAR(200) NOT NULL,
      created_at DATETIME(3) NOT NULL
    )`,
    ...multiActive(tables.notes, ['note_id']),
    ...requestTable(tables.requests),
  ],
]
