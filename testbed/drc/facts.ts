import { type DrcStatus, drcStatusSchema } from '@ezone/sdk/model'
import type { Connection, RowDataPacket } from 'mysql2/promise'
import type { Credentials } from '../stores/credentials.ts'
import type { Blueprint } from '../topology/blueprint.ts'
import { type DrcDoor, drcDoors, type MysqlDoor, mysqlDoors } from './find-drc.ts'
import { ownNumber } from './own-number.ts'

const askMs = 2_000

/** A transaction of a server, by its number among those that were made there. */
export interface Place {
  readonly uuid: string
  readonly gno: number
}

/** What a zone's own database knows of the replication, asked directly: beside the services that do it. */
export interface ZoneLook {
  readonly zone: string
  /** Newest transaction that was made here. */
  readonly head: Place
  /** Up to where each other zone's transactions are applied. */
  readonly applied: readonly (Place & { readonly source: string })[]
  /** Losers kept here, by the zone whose change met them. */
  readonly conflicts: ReadonlyMap<string, number>
}

/** An instance and what it says; null where it does not answer. */
export interface Instance extends Pick<DrcDoor, 'zone' | 'place' | 'instance'> {
  readonly status: DrcStatus | null
}

export interface DrcFacts {
  readonly nowMs: number
  readonly zones: readonly string[]
  readonly instances: readonly Instance[]
  /** By zone; one whose database does not answer is left out. */
  readonly looks: ReadonlyMap<string, ZoneLook>
}

export interface FactSources {
  readonly blueprint: Pick<Blueprint, 'zones' | 'specs'>
  readonly credentials: Credentials
  readonly clock: { nowMs(): number }
  readonly signal: AbortSignal
}

/** Asks every instance and every zone's database, all at once. */
export async function drcFacts({ blueprint, credentials, clock, signal }: FactSources): Promise<DrcFacts> {
  const looking = Promise.all(mysqlDoors(blueprint, credentials).map(look))
  const instances = await Promise.all(drcDoors(blueprint).map((door) => ask(door, signal)))
  const looks = (await looking).flatMap((one) => one ?? [])
  signal.throwIfAborted()
  return {
    nowMs: clock.nowMs(),
    zones: blueprint.zones.map(({ name }) => name),
    instances,
    looks: new Map(looks.map((one) => [one.zone, one])),
  }
}

async function ask({ zone, place, instance, door }: DrcDoor, signal: AbortSignal): Promise<Instance> {
  const soon = AbortSignal.any([signal, AbortSignal.timeout(askMs)])
  const answer = fetch(`http://${door.host}:${door.port}/status`, { signal: soon })
  const status = await answer.then(async (response) => drcStatusSchema.parse(await response.json())).catch(() => null)
  return { zone, place, instance, status }
}

async function look({ zone, mysql }: MysqlDoor): Promise<ZoneLook | null> {
  const { createConnection } = await import('mysql2/promise')
  let connection: Connection | undefined
  try {
    connection = await createConnection({ ...mysql, connectTimeout: askMs })
    return { zone, ...(await read(connection)) }
  } catch {
    return null
  } finally {
    connection?.destroy()
  }
}

async function read(connection: Connection): Promise<Omit<ZoneLook, 'zone'>> {
  const rows = async (sql: string) => (await connection.query<RowDataPacket[]>({ sql, timeout: askMs }))[0]
  const [server] = await rows('SELECT @@GLOBAL.gtid_executed AS gtids, @@server_uuid AS uuid')
  const applied = await rows('SELECT source, uuid, gno FROM ezone_drc.position')
  const conflicts = await rows('SELECT source, COUNT(*) AS count FROM ezone_drc.conflict GROUP BY source')
  const uuid = String(server?.uuid)
  return {
    head: { uuid, gno: ownNumber(String(server?.gtids), uuid) },
    applied: applied.map((row) => ({ source: String(row.source), uuid: String(row.uuid), gno: Number(row.gno) })),
    conflicts: new Map(conflicts.map((row) => [String(row.source), Number(row.count)])),
  }
}
