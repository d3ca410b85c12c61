import type { Clock } from '@ezone/sdk/model'
import { verifySources } from '../drc/verify/find-verify.ts'
import { patienceOf, verify } from '../drc/verify/verify.ts'
import type { LedgerGround } from './ground.ts'
import type { Entry } from './history.ts'
import type { RunClock } from './run-clock.ts'

export interface CompareOptions {
  readonly ground: LedgerGround
  readonly clock: RunClock
  readonly wall: Clock
  readonly note: (entry: Entry) => void
  /** So long changes on their way are waited for. */
  readonly withinMs: number
  readonly signal: AbortSignal
}

/** Compares the zones' databases as `drc verify` does, all tables; what could not be compared has no entry. */
export async function compare({ ground, clock, wall, note, withinMs, signal }: CompareOptions): Promise<void> {
  const sources = verifySources(ground, [], { clock: wall, signal })
  const report = await verify({ ...sources, patience: patienceOf(withinMs) })
  for (const { name, rows, differing, problems, complete, unknown } of report.tables) {
    const differs = differing > 0 || problems.length > 0
    if (!differs && (!complete || unknown > 0)) continue
    note({ type: 'compared', atMs: clock.atMs(), table: name, equal: !differs, rows: { ...rows }, differing })
  }
}
