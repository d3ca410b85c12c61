import { setTimeout as sleep } from 'node:timers/promises'
import { EzoneError } from '@ezone/sdk/model'
import { lockSuspects } from '../apply/lock-suspects.ts'
import { MysqlTarget } from '../apply/mysql-target.ts'
import { Applier } from '../core/applier.ts'
import { limits } from '../limits.ts'
import { KafkaLogReader } from '../log/kafka-reader.ts'
import type { RoleContext } from './role.ts'
import { asKnown } from './role-status.ts'

/** Applies what `source` logged to this zone's MySQL until the signal ends it; whatever fails is tried again. */
export async function runApplier(
  context: RoleContext & { readonly source: string },
  signal: AbortSignal,
): Promise<void> {
  // A gap may only seem one (see KafkaLogReader): before it is believed the log is read from its beginning.
  const believed = await apply(context, 'position', signal)
  if (believed === 'gap') await apply(context, 'start', signal)
}

async function apply(
  { zone, source, mysql, kafka, clock, status, log }: RoleContext & { readonly source: string },
  from: 'position' | 'start',
  signal: AbortSignal,
): Promise<'gap' | 'ended'> {
  status.is('starting')
  await using target = new MysqlTarget({ mysql, zone, source, clock })
  await using reader = new KafkaLogReader({
    kafka,
    zone: source,
    from: from === 'start' ? from : () => target.positions(),
  })
  const { shapes } = target.tables
  const applier = new Applier({ source, shapes, log: reader, store: target, rowsMax: limits.applyRowsMax })
  let suspects = true
  while (!signal.aborted) {
    try {
      if (suspects) await lockSuspects(mysql)
      const { applied, rows, conflicts } = await applier.step(signal)
      suspects = conflicts.some(({ lock }) => lock)
      if (applied.length > 0) status.did(applied, rows, conflicts.length)
      status.is('running')
    } catch (cause) {
      if (signal.aborted) break
      const error = asKnown(cause)
      if (from === 'position' && EzoneError.is(error, 'EZ_DRC_GAP')) return 'gap'
      const waiting = EzoneError.is(error, 'EZ_STORE_UNREACHABLE')
      if (status.failed(waiting ? 'waiting' : 'stopped', error))
        log.warn({ err: error, source }, 'a lane of the applier cannot go on')
      await sleep(waiting ? limits.retryMs : limits.stoppedRetryMs, undefined, { signal }).catch(() => undefined)
      // A table or a column may have come.
      if (!waiting) await target.look().catch(() => undefined)
    }
  }
  return 'ended'
}
