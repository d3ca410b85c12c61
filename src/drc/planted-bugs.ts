import { setTimeout as sleep } from 'node:timers/promises'
import { hasPlanted, type LogRecord, type MysqlAccess, type PlantedBug } from '@ezone/sdk/model'
import type { RowDataPacket } from 'mysql2/promise'
import { bounded, openSession } from './apply/session.ts'
import type { ApplierParts, LogReader, TargetStore, TargetTransaction } from './core/applier.ts'
import { type Meeting, resolve } from './core/resolve.ts'
import type { Resolution } from './core/types.ts'
import type { RoleContext } from './roles/role.ts'

/**
 * With `skipped-barrier` changes are applied when they are so old; less than what keeps a switch from beginning. While a
 * shard is on its way, and for a while after, none is: else a busy machine would be slower than the mistake.
 */
const lateMs = 1_200
const stillMs = 5_000
const lookMs = 200
const heldMsMax = 60_000
/** With `lost-apply`: of so many changes one. */
const lostOneIn = 20n
/** Those by which users see what is lost; the rest is left alone, so that the mistake is found by what it does to them. */
const lostTable = 'delivery.orders'

/** The parts of an applier with the mistakes that its testbed asked for; those it did not ask for are as they were. */
export function withPlantedBugs(
  parts: ApplierParts,
  lane: Pick<RoleContext, 'config' | 'clock' | 'mysql'>,
): ApplierParts {
  const has = (bug: PlantedBug) => hasPlanted(lane.config, bug)
  let { log, store } = parts
  if (has('lost-apply')) log = reading(log, (records) => records.map(losing))
  if (has('skipped-barrier')) log = late(log, lane)
  if (has('tombstone-off')) store = withoutTombstones(store)
  return { ...parts, log, store, ...(has('reversed-winner') && { resolve: reversed }) }
}

function reading(
  log: LogReader,
  change: (records: readonly LogRecord[], signal: AbortSignal) => readonly LogRecord[] | Promise<readonly LogRecord[]>,
): LogReader {
  return { read: async (signal) => change(await log.read(signal), signal) }
}

function late(log: LogReader, { clock, mysql }: Pick<RoleContext, 'clock' | 'mysql'>): LogReader {
  let epochs = ''
  const hasMoved = async () => {
    const before = epochs
    // A database that does not answer is somebody else's trouble.
    epochs = await shards(mysql).catch(() => before)
    return epochs !== before && before !== ''
  }
  return reading(log, async (records, signal) => {
    if (records.length === 0) return records
    const newest = Math.max(...records.map(({ committedAtMs }) => committedAtMs))
    await sleep(Math.max(0, Math.min(lateMs, newest + lateMs - clock.nowMs())), undefined, { signal })
    const begunMs = clock.monotonicMs()
    let movedMs = begunMs - stillMs
    while (clock.monotonicMs() - begunMs < heldMsMax) {
      if (await hasMoved()) movedMs = clock.monotonicMs()
      if (clock.monotonicMs() - movedMs >= stillMs) break
      await sleep(lookMs, undefined, { signal })
    }
    return records
  })
}

/** What the fence rows of this zone say of all shards; something else as soon as one moves. */
async function shards(mysql: MysqlAccess): Promise<string> {
  const connection = await openSession(mysql)
  const look = () => connection.query<RowDataPacket[]>('SELECT CAST(SUM(epoch) AS CHAR) AS epochs FROM ezone.fence')
  try {
    const [[row]] = await bounded(connection, look)
    return String(row?.epochs)
  } finally {
    connection.destroy()
  }
}

/** A record counts whether or not it has rows: so the position moves over what is left out here. */
function losing(record: LogRecord): LogRecord {
  const isLost = ({ table, ver }: LogRecord['rows'][number]) =>
    table === lostTable && (BigInt(ver) >> 4n) % lostOneIn === 0n
  return { ...record, rows: record.rows.filter((row) => !isLost(row)) }
}

/** Nothing was ever deleted, as far as decisions go. */
function withoutTombstones(store: TargetStore): TargetStore {
  const blind = (open: TargetTransaction): TargetTransaction => ({
    advance: (move) => open.advance(move),
    write: (plan) => open.write(plan),
    async find(keys) {
      const { local, takenEpoch } = await open.find(keys)
      return { local: (key) => ({ ...local(key), tombstone: 0n }), takenEpoch }
    },
  })
  return {
    positions: (source, signal) => store.positions(source, signal),
    transaction: (source, work, signal) => store.transaction(source, (open) => work(blind(open)), signal),
  }
}

/** Of two changes that did not know of each other; what follows another one is applied as ever. */
export function reversed(meeting: Meeting): Resolution {
  const { verdict, loser, lock } = resolve(meeting)
  if (loser === null) return { verdict, loser, lock }
  return loser === 'local' ? { verdict: 'drop', loser: 'incoming', lock } : { verdict: 'apply', loser: 'local', lock }
}
