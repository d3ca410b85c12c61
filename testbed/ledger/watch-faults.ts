import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { paths } from '../session/testbed.ts'
import { every } from './every.ts'
import type { Entry, EntryOf } from './history.ts'
import type { RunClock } from './run-clock.ts'

const lookEveryMs = 250

/** As much of the agent's journal as the history has. */
const proof = z.object({ proven: z.boolean(), by: z.string() })
const journalSchema = z.object({
  faults: z.array(
    z.object({
      id: z.string(),
      kind: z.string(),
      target: z.string(),
      state: z.enum(['asked', 'active', 'ending', 'ended']),
      askedAtMs: z.number(),
      endedAtMs: z.number().nullable(),
      skewMs: z.number(),
      plan: z.object({ specs: z.array(z.unknown()) }),
      effect: proof,
      removal: proof,
    }),
  ),
})
type Fault = z.output<typeof journalSchema>['faults'][number]

export interface FaultWatchOptions {
  /** Of the testbed; null where no agent runs. */
  readonly folder: string | null
  readonly clock: RunClock
  readonly note: (entry: Entry) => void
}

/**
 * Reads faults from the journal of the agent, which is on the disk before a fault has any effect, and also when the agent
 * is dead. A fault is in force from when it was asked for and all it touches was changed: so no moment of its effect is
 * before it. Whether it was proven, probes need seconds to say; its entry is written then, with the earlier time. So with
 * its end: a link is joined when the fault begins to end, and shown to be joined seconds later. What was killed has ended
 * to be missing when it was started and answers.
 */
export class FaultWatch {
  readonly #options: FaultWatchOptions
  readonly #told = new Set<string>()
  /** When faults of links were first seen to end. */
  readonly #ending = new Map<string, number>()

  constructor(options: FaultWatchOptions) {
    this.#options = options
  }

  follow(signal: AbortSignal): Promise<void> {
    return every(lookEveryMs, () => this.look(), signal)
  }

  async look(): Promise<void> {
    const { folder } = this.#options
    if (folder === null) return
    const journal = journalSchema.safeParse(JSON.parse(await readFile(paths.leases(folder), 'utf8')))
    for (const fault of journal.data?.faults ?? []) this.#tell(fault)
  }

  #tell(fault: Fault): void {
    const { id, kind, target, state, askedAtMs, endedAtMs, skewMs, effect, removal, plan } = fault
    if (state === 'ending' && plan.specs.length === 0 && !this.#ending.has(id))
      this.#ending.set(id, this.#options.clock.atMs())
    const at = (ms: number) => this.#options.clock.seen(ms, Number.NEGATIVE_INFINITY)
    // Of a fault that was over when the run began nothing is told.
    if (endedAtMs !== null && at(endedAtMs) < 0) return
    const phase = (name: EntryOf<'fault'>['phase'], atMs: number, proven: boolean | null) => {
      if (this.#told.has(`${id} ${name}`)) return
      this.#told.add(`${id} ${name}`)
      this.#options.note({ type: 'fault', id, kind, target, phase: name, atMs, proven })
    }
    phase('asked', at(askedAtMs), null)
    const looked = effect.by !== 'none'
    if (state !== 'asked' && (looked || state !== 'active'))
      phase('in-force', at(askedAtMs + skewMs), looked ? effect.proven : null)
    const endMs = this.#ending.get(id) ?? at(endedAtMs ?? askedAtMs)
    if (state === 'ended') phase('ended', endMs, removal.by === 'none' ? null : removal.proven)
  }
}
