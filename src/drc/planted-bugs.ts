import { setTimeout as sleep } from 'node:timers/promises'
import { hasPlanted, type LogRecord } from '@ezone/sdk/model'
import type { ApplierParts, LogReader, TargetStore, TargetTransaction } from './core/applier.ts'
import { type Meeting, resolve } from './core/resolve.ts'
import type { Resolution } from './core/types.ts'
import type { RoleContext } from './roles/role.ts'

/** With `skipped-barrier`: changes are applied when they are so old, and not before. Less than what keeps a switch from beginning. */
const lateMs = 1_200
/** With `lost-apply`: of so many changes one. */
const lostOneIn = 20n
/** Those by which users see what is lost; the rest is left alone, so that the mistake is found by what it does to them. */
const lostTable = 'delivery.orders'

/** The parts of an applier with the mistakes that its testbed asked for; those it did not ask for are as they were. */
export function withPlantedBugs(
  parts: ApplierParts,
  { config, clock }: Pick<RoleContext, 'config' | 'clock'>,
): ApplierParts {
  const has = (bug: Parameters<typeof hasPlanted>[1]) => hasPlanted(config, bug)
  let { log, store } = parts
  if (has('lost-apply')) log = reading(log, (records) => records.map(losing))
  if (has('skipped-barrier'))
    log = reading(log, async (records, signal) => {
      const newest = Math.max(0, ...records.map(({ committedAtMs }) => committedAtMs))
      const leftMs = Math.min(lateMs, newest + lateMs - clock.nowMs())
      if (leftMs > 0) await sleep(leftMs, undefined, { signal })
      return records
    })
  if (has('tombstone-off')) store = withoutTombstones(store)
  return { ...parts, log, store, ...(has('reversed-winner') && { resolve: reversed }) }
}

function reading(
  log: LogReader,
  change: (records: readonly LogRecord[], signal: AbortSignal) => readonly LogRecord[] | Promise<readonly LogRecord[]>,
): LogReader {
  return { read: async (signal) => change(await log.read(signal), signal) }
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
