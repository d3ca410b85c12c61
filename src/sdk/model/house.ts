import { drcConflictTable } from './drc-tables.ts'

/**
 * The zone's own schemas, which are never replicated to another zone. Made at every start of a zone's MySQL, before it
 * listens and outside the binlog: they are there from the first moment, and a new server's GTID set stays empty.
 *
 *   ezone        what lets writes through; written by the lease-keeper alone
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

/** What a MySQL has of its own from its first moment, by its role; one statement a line, each may run again. */
export const houseStatements: Readonly<Record<'zone' | 'global', readonly string[]>> = {
  zone: [...schemas, ...[fence, tombstone, position, migration, drcConflictTable].map(oneLine)],
  global: [...schemas.slice(1), oneLine(migration)],
}

function oneLine(statement: string): string {
  return statement.replaceAll(/\s+/g, ' ')
}
