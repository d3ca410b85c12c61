import { randomInt } from 'node:crypto'
import { type Clock, type RoutingTable, TableIndex } from '@ezone/sdk/model'
import { mysqlDoors } from '../drc/find-drc.ts'
import { readGroundData } from '../orders/ground-data.ts'
import { Clients } from './clients.ts'
import { gzsOf, type LedgerGround } from './ground.ts'
import type { Entry } from './history.ts'
import { HistoryWriter } from './history-writer.ts'
import { MissingWatch } from './missing.ts'
import { defaultMix, hubsOf, type LedgerMix, planOperations } from './plan-operations.ts'
import { type BinlogEnds, binlogEnds } from './replicated.ts'
import { takeRidersOn } from './riders.ts'
import { RunClock } from './run-clock.ts'
import { Seats } from './seats.ts'
import { SharedRows } from './shared-rows.ts'
import { FaultWatch } from './watch-faults.ts'
import { LagWatch } from './watch-lag.ts'
import { TableWatch } from './watch-table.ts'

export interface LedgerOptions {
  /** Where the history is written; must not be there yet. */
  readonly file: string
  /** Name of the drill, or of the command that makes the load. */
  readonly name: string
  readonly seed: number
  /** Operations per second: 10 to 300, by default 100. */
  readonly qps?: number
  readonly mix?: LedgerMix
  /** Of the operations so many come from inside the zones, 0 up to 1. */
  readonly insideShare?: number
  /** Of the operations so many fight about a few rows in all zones at once; 0 by default. */
  readonly conflictShare?: number
  readonly clock?: Clock
  /** Hears every entry as it is noted. */
  readonly onEntry?: (entry: Entry) => void
}

export interface Parts {
  /** Begins every key and phone of this run. */
  readonly run: string
  readonly clock: RunClock
  readonly writer: HistoryWriter
  readonly note: (entry: Entry) => void
  readonly clients: Clients
  /** Null where nobody fights. */
  readonly shared: SharedRows | null
  readonly table: TableWatch
  readonly faults: FaultWatch
  readonly lag: LagWatch
  readonly missing: MissingWatch
  /** Orders that were acknowledged, and their shards. */
  readonly acknowledged: Map<string, number>
  readonly binlogs: BinlogEnds
}

export interface MakeOptions {
  readonly ground: LedgerGround
  readonly options: LedgerOptions & { readonly qps: number }
  readonly clock: Clock
  readonly signal: AbortSignal
}

const insideShareDefault = 0.2
/** Rides last some seconds, and longer where something is broken. */
const rideS = 10
const ridersPerHubMin = 2

/** All that a ledger consists of. What must be closed is left with `making`. */
export async function makeParts(
  making: AsyncDisposableStack,
  { ground, options, clock: wall, signal }: MakeOptions,
): Promise<Parts> {
  const { seed, mix = defaultMix, insideShare = insideShareDefault, conflictShare = 0, onEntry } = options
  const { blueprint, credentials } = ground
  const gzs = gzsOf(blueprint)
  const [table, { cells, divisions }] = await Promise.all([gzs.table(signal), readGroundData()])
  const clock = new RunClock(wall)
  const run = String(randomInt(10_000_000, 100_000_000))
  const writer = making.use(new HistoryWriter(options.file))
  const note = (entry: Entry) => {
    writer.append(entry)
    onEntry?.(entry)
  }
  note(beginOf({ ground, options, table, clock, run }))
  const index = new TableIndex(table)
  const seats = making.use(Seats.take(blueprint, index, cells))
  const hubs = hubsOf(cells)
  const everybody = divisions.reduce((sum, { population }) => sum + population, 0)
  const wanted = divisions.flatMap(({ name, population }) => {
    const cell = hubs.get(name)
    const riders = Math.max(ridersPerHubMin, Math.ceil((rideS * ridesPerS(options.qps, mix) * population) / everybody))
    return cell === undefined || mix.advance === 0 ? [] : [{ cell, riders }]
  })
  const binlogs = await binlogEnds(ground)
  await takeRidersOn(seats.edge, wanted, run, signal)
  const plan = planOperations({ seats: seats.all, insideShare, divisions, hubs, mix, seed })
  const doors = mysqlDoors(blueprint, credentials)
  const acknowledged = new Map<string, number>()
  const missing = new MissingWatch({ doors, acknowledged, clock, note })
  return {
    run,
    clock,
    writer,
    note,
    clients: new Clients({ seats: seats.all, plan, run, index, atMs: clock.atMs }),
    shared: conflictShare > 0 ? making.use(await SharedRows.open(doors, { run, seed, share: conflictShare })) : null,
    table: new TableWatch({ gzs, table, clock, note, onMoved: missing.moved }),
    faults: new FaultWatch({ folder: ground.folder, clock, note }),
    lag: new LagWatch({ ground, doors, run, wall, clock, note }),
    missing,
    acknowledged,
    binlogs,
  }
}

/** A third of the orders placed is brought by somebody. */
function ridesPerS(qps: number, { place, advance, read, register }: LedgerMix): number {
  return (qps * place) / (place + advance + read + register) / 3
}

function beginOf(of: {
  readonly ground: LedgerGround
  readonly options: LedgerOptions
  readonly table: RoutingTable
  readonly clock: RunClock
  readonly run: string
}): Entry {
  const { ground, options, table, clock, run } = of
  const { blueprint } = ground
  return {
    type: 'begin',
    format: 1,
    run,
    name: options.name,
    seed: options.seed,
    startedAt: new Date(clock.startedAtMs).toISOString(),
    testbed: ground.name,
    runtime: blueprint.runtime,
    policy: blueprint.policy,
    zones: blueprint.zones.map(({ name }) => name),
    shards: table.shards.map(({ shard, zone, name }) => ({ shard, zone, name })),
  }
}
