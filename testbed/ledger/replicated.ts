import { drcDoors, type MysqlDoor, mysqlDoors } from '../drc/find-drc.ts'
import { ownNumber } from '../drc/own-number.ts'
import { type BinlogChanges, binlogChanges, binlogEnd } from './binlog-changes.ts'
import type { LedgerGround } from './ground.ts'
import type { Entry } from './history.ts'
import { type LoggedChanges, loggedChanges } from './logged-changes.ts'
import { asking } from './own-tables.ts'

/** Where each zone's binlog ended when the run began; a zone that did not answer then cannot be counted. */
export type BinlogEnds = ReadonlyMap<string, string>

export async function binlogEnds({ blueprint, credentials }: LedgerGround): Promise<BinlogEnds> {
  const doors = mysqlDoors(blueprint, credentials)
  const ends = await Promise.allSettled(doors.map(async (door) => [door.zone, await binlogEnd(door)] as const))
  return new Map(ends.flatMap((end) => (end.status === 'fulfilled' ? [end.value] : [])))
}

export interface CountOptions {
  readonly ground: LedgerGround
  readonly from: BinlogEnds
  readonly note: (entry: Entry) => void
  readonly signal: AbortSignal
}

interface Counted {
  readonly door: MysqlDoor
  readonly binlog: BinlogChanges
  readonly log: LoggedChanges
  /** By source: server and number of the last transaction that is applied here. */
  readonly applied: ReadonlyMap<string, { readonly uuid: string; readonly gno: number }>
}

/**
 * Counts what replication did with the writes of a run, at three places that know nothing of each other: the binlogs, the
 * change logs, and the positions the targets keep. A pair of zones one of which cannot be counted has no entry.
 */
export async function countReplicated(options: CountOptions): Promise<void> {
  const { blueprint, credentials } = options.ground
  const doors = mysqlDoors(blueprint, credentials)
  const counting = await Promise.allSettled(doors.map((door) => count(door, options)))
  const counted = counting.flatMap((one) => (one.status === 'fulfilled' && one.value !== null ? [one.value] : []))
  for (const source of counted)
    for (const target of counted) if (source !== target) options.note(entryOf(source, target))
}

async function count(door: MysqlDoor, { ground, from, signal }: CountOptions): Promise<Counted | null> {
  const began = from.get(door.zone)
  if (began === undefined) return null
  const { uuid, applied } = await asking(door, async (ask) => {
    const [server] = await ask('SELECT @@server_uuid AS uuid')
    const rows = await ask('SELECT source, uuid, gno FROM ezone_drc.position')
    return { uuid: String(server?.uuid), applied: rows }
  })
  const after = { uuid, gno: ownNumber(began, uuid) }
  // What is made from here on, while the two are read, is in one of them and not yet in the other: it is not counted.
  const until = ownNumber(await binlogEnd(door), uuid)
  const isIn = (transaction: string) => {
    const [server, gno] = transaction.split(':')
    return server !== uuid || Number(gno) <= until
  }
  const doors = drcDoors(ground.blueprint)
  const [binlog, log] = await Promise.all([
    binlogChanges(door, began),
    loggedChanges({ doors, zone: door.zone, number: door.number, after, signal }),
  ])
  const positions = applied.map(
    (row) => [String(row.source), { uuid: String(row.uuid), gno: Number(row.gno) }] as const,
  )
  return {
    door,
    binlog: { twice: binlog.twice, own: new Set([...binlog.own].filter(isIn)) },
    log: { ...log, transactions: new Set([...log.transactions].filter(isIn)) },
    applied: new Map(positions),
  }
}

function entryOf(source: Counted, target: Counted): Entry {
  const { zone } = source.door
  const position = target.applied.get(zone)
  const isApplied = (transaction: string) => {
    const [uuid, gno] = transaction.split(':')
    return uuid === position?.uuid && Number(gno) <= (position?.gno ?? 0)
  }
  return {
    type: 'replicated',
    source: zone,
    target: target.door.zone,
    committed: source.binlog.own.size,
    logged: source.log.transactions.size,
    applied: [...source.log.transactions].filter(isApplied).length,
    repeatedInLog: source.log.repeated,
    appliedTwice: target.binlog.twice.get(zone) ?? 0,
  }
}
