import { type MysqlDoor, mysqlDoors } from '../drc/find-drc.ts'
import type { Testbed } from '../session/testbed.ts'
import type { Project } from './project.ts'

const askMs = 3_000

/** A table of a project that is not as it must be in a zone. */
export interface UnfitTable {
  readonly zone: string
  readonly table: string
  readonly why: 'missing' | 'not multi-active'
}

/**
 * The tables that a project names, as every zone has them: what replicates knows them by their column `drc_ver`, and
 * stands still where a row comes for a table that its zone has not.
 */
export async function unfitTables(
  { tables }: Pick<Project, 'tables'>,
  { blueprint, credentials }: Pick<Testbed, 'blueprint' | 'credentials'>,
): Promise<readonly UnfitTable[]> {
  if (tables.length === 0) return []
  const found = await Promise.all(mysqlDoors(blueprint, credentials).map((door) => unfitIn(door, tables)))
  return found.flat()
}

async function unfitIn({ zone, mysql }: MysqlDoor, tables: readonly string[]): Promise<readonly UnfitTable[]> {
  const { createConnection } = await import('mysql2/promise')
  const connection = await createConnection({ ...mysql, connectTimeout: askMs })
  try {
    const sql = `SELECT CONCAT(table_schema, '.', table_name) AS name, SUM(column_name = 'drc_ver') AS versioned
      FROM information_schema.columns WHERE CONCAT(table_schema, '.', table_name) IN (?) GROUP BY name`
    const [rows] = await connection.query({ sql, timeout: askMs }, [tables])
    const versioned = new Map(
      (rows as { name: string; versioned: unknown }[]).map((r) => [r.name, Number(r.versioned)]),
    )
    return tables.flatMap((table): UnfitTable[] => {
      const seen = versioned.get(table)
      if (seen === undefined) return [{ zone, table, why: 'missing' }]
      return seen > 0 ? [] : [{ zone, table, why: 'not multi-active' }]
    })
  } finally {
    await connection.end()
  }
}

export const unfitText = ({ zone, table, why }: UnfitTable): string =>
  why === 'missing'
    ? `${table} is not there in ${zone}: the replication into ${zone} stands still at its first row`
    : `${table} has no drc_ver in ${zone}: the replication from ${zone} stands still at its first row; multiActive() of @ezone/sdk/dal makes it one that travels`
