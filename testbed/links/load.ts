import { setTimeout as sleep } from 'node:timers/promises'
import type { Blueprint } from '../topology/blueprint.ts'

/** A zone's MySQL that is at work. */
export interface Load {
  readonly target: string
  readonly perSecond: number
}

const sampleMs = 500
/** Heartbeats, probes and housekeeping stay far below; the smallest load worth the name is above. */
const idlePerSecond = 50

/**
 * The busiest of the zones' MySQLs, by statements per second over half a second; null where all are idle. Every order ends
 * in one of them, whoever makes the load and however. A server that does not answer is not under load.
 */
export async function currentLoad(
  blueprint: Blueprint,
  account: { readonly user: string; readonly password: string },
  signal: AbortSignal,
): Promise<Load | null> {
  const zones = blueprint.specs.filter((spec) => spec.kind === 'mysql' && spec.role === 'zone')
  const loads = await Promise.all(
    zones.map(async (spec) => {
      const door = spec.ports[0]?.host
      const perSecond = door === undefined ? 0 : await statements({ ...door, ...account }, signal).catch(() => 0)
      signal.throwIfAborted()
      return { target: spec.id, perSecond }
    }),
  )
  const busiest = loads.toSorted((a, b) => b.perSecond - a.perSecond)[0]
  return busiest !== undefined && busiest.perSecond > idlePerSecond ? busiest : null
}

async function statements(login: { host: string; port: number; user: string; password: string }, signal: AbortSignal) {
  const { createConnection } = await import('mysql2/promise')
  const connection = await createConnection({ ...login, connectTimeout: 2_000 })
  try {
    const before = await questions(connection)
    await sleep(sampleMs, undefined, { signal })
    // The second question of this connection is one of them.
    return ((await questions(connection)) - before - 1) / (sampleMs / 1_000)
  } finally {
    connection.destroy()
  }
}

async function questions(connection: { query(sql: string): Promise<[unknown, unknown]> }): Promise<number> {
  const [rows] = await connection.query("SHOW GLOBAL STATUS LIKE 'Questions'")
  return Number((rows as readonly { Value: string }[])[0]?.Value)
}
