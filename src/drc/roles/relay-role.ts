import { setTimeout as sleep } from 'node:timers/promises'
import { EzoneError, hasPlanted, type LogRecord } from '@ezone/sdk/model'
import { type Capture, relay } from '../core/relay.ts'
import { limits } from '../limits.ts'
import { KafkaLogWriter } from '../log/kafka-writer.ts'
import { ZongjiCapture } from '../mysql/zongji-capture.ts'
import type { RoleContext } from './role.ts'
import { asKnown } from './role-status.ts'

/** Replica ids that no server of a zone has: its MySQLs are 10 n + 1 and 10 n + 5. */
const serverIdBase = 10_000

/** Carries this zone's own transactions into its change log until the signal ends it; whatever fails is tried again. */
export async function runRelay(context: RoleContext, signal: AbortSignal): Promise<void> {
  const { config, clock, status, log } = context
  const capture = new ZongjiCapture({
    mysql: context.mysql,
    zone: config.zoneNumber ?? 0,
    serverId: serverIdBase + 100 * (config.zoneNumber ?? 0) + config.instance,
    clock,
    filters: !hasPlanted(config, 'loop-filter-off'),
  })
  while (!signal.aborted) {
    if (!status.isStopped) status.is('starting')
    try {
      await carry(context, capture, signal)
    } catch (cause) {
      if (signal.aborted) return
      const error = asKnown(cause)
      const waiting = EzoneError.is(error, 'EZ_STORE_UNREACHABLE')
      if (status.failed(waiting ? 'waiting' : 'stopped', error)) log.warn({ err: error }, 'the relay cannot go on')
      await sleep(waiting ? limits.retryMs : limits.stoppedRetryMs, undefined, { signal }).catch(() => undefined)
    }
  }
}

async function carry(
  { config, status, kafka, zone }: RoleContext,
  capture: Capture,
  signal: AbortSignal,
): Promise<void> {
  const logged = (records: readonly LogRecord[]) => {
    const whole = records.filter(({ part, parts }) => part === parts)
    status.did(
      whole,
      records.reduce((sum, { rows }) => sum + rows.length, 0),
    )
  }
  await using writer = await KafkaLogWriter.open({ kafka, zone, logged })
  const position = await writer.last()
  for (const [uuid, gno] of position) status.at({ uuid, gno })
  // What it stopped at it will meet again at once: until then nothing is better than it was.
  const running = setTimeout(() => status.is('running'), status.isStopped ? limits.settleMs : 0)
  try {
    await relay(
      { zone: config.zone ?? zone, capture, log: writer, bytesMax: limits.recordBytesMax },
      AbortSignal.any([signal, writer.broken]),
    )
  } catch (error) {
    // What stands before an entry that cannot be read is logged all the same.
    await writer.settled()
    throw error
  } finally {
    clearTimeout(running)
  }
  if (writer.broken.aborted && !signal.aborted) throw writer.broken.reason
}
