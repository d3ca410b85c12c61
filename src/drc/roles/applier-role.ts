import { setTimeout as sleep } from 'node:timers/promises'
import { EzoneError } from '@ezone/sdk/model'
import { lockSuspects } from '../apply/lock-suspects.ts'
import { MysqlTarget } from '../apply/mysql-target.ts'
import { Applier } from '../core/applier.ts'
import { limits } from '../limits.ts'
import { KafkaLogReader } from '../log/kafka-reader.ts'
import { withPlantedBugs } from '../planted-bugs.ts'
import type { RoleContext } from './role.ts'
import { asKnown } from './role-status.ts'

type From = 'position' | 'start'
type Lane = RoleContext & { readonly source: string }

/**
 * Applies what `source` logged to this zone's MySQL until the signal ends it; whatever fails is tried again.
 *
 * It begins where the position says, found by halving. Where a relay that was paused has repeated old records that may be
 * too far on (see `firstUnapplied`): it shows as a gap, or, where nothing more is written, as nothing at all. So before
 * either is believed the log is read from its beginning, once; what is applied already costs its reading alone.
 */
export async function runApplier(lane: Lane, signal: AbortSignal): Promise<void> {
  lane.status.is('starting')
  await apply(lane, 'position', signal)
  while (!signal.aborted) await apply(lane, 'start', signal)
}

/** Ends at a gap, or where nothing is left of what the position led to. */
async function apply(lane: Lane, from: From, signal: AbortSignal): Promise<void> {
  const { zone, source, mysql, kafka, clock, status } = lane
  await using target = new MysqlTarget({ mysql, zone, source, clock })
  await using reader = new KafkaLogReader({
    kafka,
    zone: source,
    from: from === 'start' ? from : () => target.positions(),
  })
  const { shapes } = target.tables
  const sound = { source, shapes, log: reader, store: target, rowsMax: limits.applyRowsMax }
  const applier = new Applier(lane.config.sabotage.length > 0 ? withPlantedBugs(sound, lane) : sound)
  let suspects = true
  while (!signal.aborted) {
    try {
      if (suspects) suspects = await lockSuspects(mysql, zone)
      const { applied, rows, conflicts } = await applier.step(signal)
      suspects ||= conflicts.some(({ lock }) => lock)
      if (applied.length > 0) status.did(applied, rows, conflicts.length)
      status.is('running')
      if (from === 'position' && applied.length === 0 && reader.quiet) return
    } catch (cause) {
      if (signal.aborted) return
      // A commit without an answer may have noted some.
      suspects = true
      const error = asKnown(cause)
      const isGap = EzoneError.is(error, 'EZ_DRC_GAP')
      if (isGap && from === 'position') return
      await pause(lane, error, signal)
      // The log may have been made anew, with what is missing.
      if (isGap) return
      // A table or a column may have come.
      if (!EzoneError.is(error, 'EZ_STORE_UNREACHABLE')) await target.look().catch(() => undefined)
    }
  }
}

async function pause({ status, log, source }: Lane, error: EzoneError, signal: AbortSignal): Promise<void> {
  const waiting = EzoneError.is(error, 'EZ_STORE_UNREACHABLE')
  if (status.failed(waiting ? 'waiting' : 'stopped', error))
    log.warn({ err: error, source }, 'a lane of the applier cannot go on')
  const again = EzoneError.is(error, 'EZ_DRC_GAP') ? limits.gapRetryMs : limits.stoppedRetryMs
  await sleep(waiting ? limits.retryMs : again, undefined, { signal }).catch(() => undefined)
}
