import { drcConflictTable } from './drc-tables.ts'

/**
 * The zone's own schemas, which are never replicated to another zone. Made at every start of a zone's MySQL, before it
 * listens and outside the binlog: they are there from the first moment, and a new server's GTID set stays empty.
 *
 *   ezone        what lets writes through, of a zone's own server and of one of the Global Zone; written by the
 *                lease-keeper alone
 *   ezone_drc    what replication remembers; services write tombstones (by trigger) and the numbers of migrations
 */
const schemas = ['ezone', 'ezone_drc'].map((name) => `CREATE DATABASE IF NOT EXISTS ${name} CHARACTER SET utf8mb4`)

/** A lease that never ends, as the fence row has it: the greatest BIGINT UNSIGNED. */
export const leaseForever = '18446744073709551615'

const fence = `CREATE TABLE IF NOT EXISTS ezone.fence (
  shard SMALLINT UNSIGNED NOT NULL PRIMARY KEY,
  zone VARCHAR(12) NOT NULL,
  epoch BIGINT UNSIGNED NOT NULL,
  state VARCHAR(12) NOT NULL,
  taken_epoch BIGINT UNSIGNED NOT NULL DEFAULT 0,
  lease_until_ms BIGINT UNSIGNED NOT NULL)`

/** Shards this zone took without asking, and of which orders more had been acknowledged at the edge than was here. */
const takeover = `CREATE TABLE IF NOT EXISTS ezone.takeover (
  shard SMALLINT UNSIGNED NOT NULL PRIMARY KEY,
  epoch BIGINT UNSIGNED NOT NULL,
  complete TINYINT UNSIGNED NOT NULL,
  at_ms BIGINT UNSIGNED NOT NULL)`
const suspect = `CREATE TABLE IF NOT EXISTS ezone.suspect (
  order_id BIGINT UNSIGNED NOT NULL,
  epoch BIGINT UNSIGNED NOT NULL,
  shard SMALLINT UNSIGNED NOT NULL,
  version BIGINT UNSIGNED NOT NULL,
  state VARCHAR(8) NOT NULL DEFAULT 'missing',
  PRIMARY KEY (order_id, epoch),
  KEY open (shard, epoch, state))`

const tombstone = `CREATE TABLE IF NOT EXISTS ezone_drc.tombstone (
  tbl VARCHAR(130) NOT NULL,
  pk VARBINARY(255) NOT NULL,
  drc_ver BIGINT UNSIGNED NOT NULL,
  PRIMARY KEY (tbl, pk))`

const position = `CREATE TABLE IF NOT EXISTS ezone_drc.position (
  source VARCHAR(12) NOT NULL,
  uuid CHAR(36) NOT NULL,
  gno BIGINT UNSIGNED NOT NULL,
  applied_at_ms BIGINT UNSIGNED NOT NULL,
  PRIMARY KEY (source, uuid))`

const migration = `CREATE TABLE IF NOT EXISTS ezone_drc.migration (
  service VARCHAR(40) NOT NULL,
  number INT UNSIGNED NOT NULL,
  PRIMARY KEY (service, number))`

/** Until when this server of the Global Zone may take writes: nobody knows of it after a start. */
const globalLease = [
  `CREATE TABLE IF NOT EXISTS ezone.global_lease (
  one TINYINT UNSIGNED NOT NULL PRIMARY KEY,
  until_ms BIGINT UNSIGNED NOT NULL)`,
  'REPLACE INTO ezone.global_lease VALUES (1, 0)',
]

/** What a MySQL has of its own from its first moment, by its role; one statement a line, each may run again. */
export const houseStatements: Readonly<Record<'zone' | 'global', readonly string[]>> = {
  zone: [...schemas, ...[fence, takeover, suspect, tombstone, position, migration, drcConflictTable].map(oneLine)],
  global: [...schemas, ...[...globalLease, migration].map(oneLine)],
}

function oneLine(statement: string): string {
  return statement.replaceAll(/\s+/g, ' ')
}
