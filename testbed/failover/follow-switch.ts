import { setTimeout as sleep } from 'node:timers/promises'
import { EzoneError, type SwitchRequest, type ZoneSwitch } from '@ezone/sdk/model'
import type { GzsClient } from '../gzs/gzs-client.ts'
import { nothingToMove, resultOf, type SwitchResult, type SwitchStep } from './switch-result.ts'

const lookMs = 50
/** Longer than any switch may take before it stops by itself. */
const switchMsMax = 300_000
/** So long no GZS may answer while a switch is followed: it goes on meanwhile, or waits for one. */
const silentMsMax = 45_000

export interface FollowOptions {
  readonly gzs: Pick<GzsClient, 'beginSwitch' | 'switch'>
  readonly request: SwitchRequest
  readonly signal: AbortSignal
  /** Told of each step of each shard when it is seen, once. */
  readonly onStep?: (step: SwitchStep) => void
  /** Told once, when the switch is in the truth: from then on it goes on without the caller. */
  readonly onBegun?: (id: string) => void
}

/**
 * Begins a switch, or joins the same one, and follows it to its end. Whoever stops following stops nothing.
 * @throws what GZS refuses; EZ_INTERRUPTED; EZ_WAIT_TIMEOUT. A switch that stopped is a result, for the caller to judge
 */
export async function followSwitch({ gzs, request, signal, onStep, onBegun }: FollowOptions): Promise<SwitchResult> {
  const { id, joined } = await gzs.beginSwitch(request, signal)
  if (id === null) return nothingToMove(request)
  onBegun?.(id)
  const told = new Set<string>()
  const tell = (record: ZoneSwitch) => {
    for (const { shard, steps } of record.parts)
      for (const { step, atMs } of steps) tellOnce(record, { shard, step, atMs })
  }
  const tellOnce = (record: ZoneSwitch, { shard, step, atMs }: { shard: number; step: string; atMs: number }) => {
    const key = `${shard} ${step} ${atMs}`
    if (told.has(key)) return
    told.add(key)
    const text = resultOf(record, joined).steps.find((one) => one.name === step)?.text ?? step
    onStep?.({ name: step, atMs, shards: [shard], text })
  }
  const record = await untilEnded({ gzs, id, signal, tell })
  return resultOf(record, joined)
}

async function untilEnded({
  gzs,
  id,
  signal,
  tell,
}: Pick<FollowOptions, 'gzs' | 'signal'> & { id: string; tell: (record: ZoneSwitch) => void }): Promise<ZoneSwitch> {
  const soon = AbortSignal.any([signal, AbortSignal.timeout(switchMsMax)])
  let silent = AbortSignal.timeout(silentMsMax)
  for (;;) {
    const record = await gzs.switch(id, soon).catch((error: unknown) => {
      // It goes on without whoever asked, and so does the asking, for a while.
      const waits = EzoneError.is(error, 'EZ_NOT_RUNNING') || EzoneError.is(error, 'EZ_NO_MAJORITY') || soon.aborted
      if (!waits || (silent.aborted && !soon.aborted)) throw error
      return undefined
    })
    if (record !== undefined) silent = AbortSignal.timeout(silentMsMax)
    if (record) tell(record)
    if (record && record.outcome !== null) return record
    if (signal.aborted)
      throw new EzoneError('EZ_INTERRUPTED', `${id} goes on without this command`, {
        hint: 'The same command follows it again; `ezone failover list` shows what becomes of it.',
      })
    if (soon.aborted) throw new EzoneError('EZ_WAIT_TIMEOUT', `${id} has not ended within ${switchMsMax / 1000} s`)
    await sleep(lookMs, undefined, { signal: soon }).catch(() => {})
  }
}
