import { setTimeout as sleep } from 'node:timers/promises'
import { EzoneError, type MoveMode, type MoveRequest, type ShardMove } from '@ezone/sdk/model'
import type { GzsClient } from './gzs-client.ts'

const lookMs = 25
/** Longer than any move may take before it is rolled back. */
const moveMsMax = 60_000

/** `data` of `shard move`: a contract, fields are only ever added. */
export interface MoveResult {
  readonly shard: number
  readonly from: string
  readonly to: string
  readonly mode: MoveMode
  /** null where the shard was there already and nothing was done. */
  readonly id: string | null
  /** True where the move had been begun before. */
  readonly joined: boolean
  /** Of the shard, now. */
  readonly epoch: number
  /** Each step with the milliseconds since the first. */
  readonly steps: readonly { readonly name: string; readonly atMs: number }[]
  /** From the freeze to the commit: so long nobody could write the shard. */
  readonly frozenMs: number
  /** The longest that a request waited at a router, of the last minute; null where no router tells. */
  readonly longestHoldMs: number | null
}

export interface MoveOptions {
  readonly gzs: Pick<GzsClient, 'table' | 'beginMove' | 'move'>
  readonly request: MoveRequest
  readonly signal: AbortSignal
  /** Told of each step when it is seen, once. */
  readonly onStep?: (step: { readonly name: string; readonly atMs: number }, move: ShardMove) => void
}

/**
 * Moves a shard and follows it to its end.
 * @throws what GZS refuses; EZ_MOVE_ROLLED_BACK; EZ_OUTCOME_UNKNOWN where the new zone has not confirmed
 */
export async function moveShard({
  gzs,
  request,
  signal,
  onStep,
}: MoveOptions): Promise<Omit<MoveResult, 'longestHoldMs'>> {
  const { shard, to, mode } = request
  const { id, joined } = await gzs.beginMove(request, signal)
  if (id === null) return { shard, from: to, to, mode, id, joined, epoch: await epochOf(), steps: [], frozenMs: 0 }
  const move = await followed(id)
  const steps = stepsOf(move)
  if (move.outcome === 'rolled-back')
    throw new EzoneError('EZ_MOVE_ROLLED_BACK', `shard ${shard} stays in ${move.from}: ${move.reason}`)
  if (move.outcome === 'unconfirmed')
    throw new EzoneError('EZ_OUTCOME_UNKNOWN', `shard ${shard} is moved to ${to}, but ${move.reason}`, {
      hint: 'Its zone serves it as soon as its lease-keeper reads the table: `ezone status`, `ezone shard list`.',
    })
  const served = steps.find(({ name }) => name === 'commit' || name === 'serve')
  return { shard, from: move.from, to, mode, id, joined, epoch: await epochOf(), steps, frozenMs: served?.atMs ?? 0 }

  async function epochOf(): Promise<number> {
    const entry = (await gzs.table(signal)).shards.find((s) => s.shard === shard)
    return entry?.epoch ?? 0
  }

  async function followed(moveId: string): Promise<ShardMove> {
    const soon = AbortSignal.any([signal, AbortSignal.timeout(moveMsMax)])
    let told = 0
    for (;;) {
      const move = await gzs.move(shard, signal)
      if (move?.id === moveId) {
        for (const step of stepsOf(move).slice(told)) onStep?.(step, move)
        told = move.steps.length
        if (move.outcome !== null) return move
      }
      signal.throwIfAborted()
      if (soon.aborted)
        throw new EzoneError('EZ_WAIT_TIMEOUT', `the move of shard ${shard} has not ended within ${moveMsMax / 1000} s`)
      await sleep(lookMs, undefined, { signal: soon }).catch(() => {})
    }
  }
}

const stepsOf = ({ steps }: ShardMove) =>
  steps.map(({ step, atMs }) => ({ name: step, atMs: atMs - (steps[0]?.atMs ?? atMs) }))

/** What happens at a step, for a person. */
export function stepText({ name, atMs }: { readonly name: string; readonly atMs: number }, move: ShardMove): string {
  const { from, to, barrier, reason } = move
  const words: Readonly<Record<string, string>> = {
    freeze: `no write in ${from} any more`,
    drain: `${to} applies what ${from} wrote, up to ${barrier?.uuid.slice(0, 8)}:${barrier?.gno}`,
    commit: `${to} owns it`,
    seize: `taken from ${from}, which may still write until its lease is over`,
    serve: `${to} owns it`,
    moved: `${to} serves it`,
    'roll-back': `${from} keeps it: ${reason}`,
    unconfirmed: `${reason}`,
  }
  return `${String(atMs).padStart(6)} ms  ${name.padEnd(11)}  ${words[name] ?? ''}`
}
