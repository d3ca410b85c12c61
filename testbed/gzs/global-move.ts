import { setTimeout as sleep } from 'node:timers/promises'
import { EzoneError, type GlobalMode, type GlobalMove, type GlobalMoveRequest } from '@ezone/sdk/model'
import type { GzsClient } from './gzs-client.ts'

const lookMs = 25
/** Longer than any move may take before it is rolled back, a hard one of a master that went on alone included. */
const moveMsMax = 60_000

export interface GlobalMoveStep {
  readonly name: string
  readonly atMs: number
}

/** `data` of `global move`: a contract, fields are only ever added. */
export interface GlobalMoveResult {
  readonly from: string
  readonly to: string
  readonly mode: GlobalMode
  /** null where the zone was the master already and nothing was done. */
  readonly id: string | null
  /** True where the move had been begun before. */
  readonly joined: boolean
  readonly epoch: number
  /** Each step with the milliseconds since the first. */
  readonly steps: readonly GlobalMoveStep[]
  /** So long nobody took writes, as the truth saw it. */
  readonly gapMs: number
  /** False where writes may have been acknowledged that the new master never saw. */
  readonly covered: boolean
}

export interface GlobalMoveOptions {
  readonly gzs: Pick<GzsClient, 'globalStatus' | 'beginGlobalMove'>
  readonly request: GlobalMoveRequest
  readonly signal: AbortSignal
  /** Told of each step when it is seen, once. */
  readonly onStep?: (step: GlobalMoveStep) => void
}

/**
 * Moves the master of the Global Zone and follows that to its end.
 * @throws what GZS refuses; EZ_MOVE_ROLLED_BACK; EZ_OUTCOME_UNKNOWN where the new master has not confirmed
 */
export async function moveGlobal(options: GlobalMoveOptions): Promise<GlobalMoveResult> {
  const { gzs, request, signal } = options
  const { to, mode } = request
  const { id, joined } = await gzs.beginGlobalMove(request, signal)
  if (id === null) {
    const { epoch, covered } = (await gzs.globalStatus(signal)).zone
    return { from: to, to, mode, id, joined, epoch, steps: [], gapMs: 0, covered }
  }
  const { move, epoch } = await followed(id, options)
  if (move.outcome === 'rolled-back')
    throw new EzoneError('EZ_MOVE_ROLLED_BACK', `the global master stays in ${move.from}: ${move.reason}`)
  if (move.outcome === 'unconfirmed')
    throw new EzoneError('EZ_OUTCOME_UNKNOWN', `the global master is moved to ${to}, but ${move.reason}`, {
      hint: 'It takes writes as soon as the lease-keeper of its zone has made it the master: `ezone global status`.',
    })
  const steps = stepsOf(move)
  return { from: move.from, to, mode, id, joined, epoch, steps, gapMs: steps.at(-1)?.atMs ?? 0, covered: move.covered }
}

async function followed(
  id: string,
  { gzs, signal, onStep }: GlobalMoveOptions,
): Promise<{ readonly move: GlobalMove; readonly epoch: number }> {
  const soon = AbortSignal.any([signal, AbortSignal.timeout(moveMsMax)])
  for (let told = 0; ; ) {
    const { move, epoch } = (await gzs.globalStatus(signal)).zone
    if (move?.id === id) {
      for (const step of stepsOf(move).slice(told)) onStep?.(step)
      told = move.steps.length
      if (move.outcome !== null) return { move, epoch }
    }
    signal.throwIfAborted()
    if (soon.aborted)
      throw new EzoneError(
        'EZ_WAIT_TIMEOUT',
        `the move of the global master has not ended within ${moveMsMax / 1000} s`,
      )
    await sleep(lookMs, undefined, { signal: soon }).catch(() => {})
  }
}

const stepsOf = ({ steps }: GlobalMove): readonly GlobalMoveStep[] =>
  steps.map(({ step, atMs }) => ({ name: step, atMs: atMs - (steps[0]?.atMs ?? atMs) }))
