import type { GlobalMoveRequest, GlobalZone, RoutingTable, ServiceContext, ZoneSwitch } from '@ezone/sdk'
import type { GlobalMover } from './global-mover.ts'
import type { GlobalTruth } from './global-truth.ts'
import { limits } from './limits.ts'
import type { Truth } from './truth.ts'

export interface GlobalEscortOptions extends Pick<ServiceContext, 'log' | 'signal'> {
  readonly truth: Truth
  readonly global: GlobalTruth
  readonly globalMover: GlobalMover
  /** Whether what a controller began is this GZS's to go on with. */
  readonly drives: (controller: string) => boolean
}

/** What a switch asks of the Global Zone: its move, and the id of it. */
export interface Escort {
  readonly id: string
  readonly request: GlobalMoveRequest
}

/**
 * The master of the Global Zone goes along when a zone is left with all its shards. Undefined where it sits elsewhere,
 * where only some shards go, and where it has been begun for this switch already.
 */
export function escortOf(record: ZoneSwitch, table: RoutingTable, zone: GlobalZone): Escort | undefined {
  const { id, from, to, mode, who, why, outcome, parts } = record
  const moveId = `${id}.global`
  if (outcome !== null || zone.master !== from || zone.move?.id === moveId || zone.move?.outcome === null) return
  const going = new Set(parts.map(({ shard }) => shard))
  if (table.shards.some((entry) => entry.zone === from && !going.has(entry.shard))) return
  return { id: moveId, request: { to, mode, who, why: `${id}: ${why}`.slice(0, 500), acceptLoss: false } }
}

/** Begins the move of the global master that a switch asks for; the GlobalMover brings it to its end. */
export class GlobalEscort {
  readonly #options: GlobalEscortOptions
  #trouble = ''

  constructor(options: GlobalEscortOptions) {
    this.#options = options
  }

  /** Until the signal. What is refused is tried again while the switch runs. */
  async run(): Promise<void> {
    const { truth, signal, log } = this.#options
    while (!signal.aborted) {
      const { revision } = truth.changed
      const ms = await this.#round().catch((error: unknown) => {
        const trouble = error instanceof Error ? error.message : String(error)
        if (trouble !== this.#trouble && !signal.aborted)
          log.warn({ err: error }, 'the global master does not go with the switch yet')
        this.#trouble = trouble
        return limits.escortMs
      })
      await truth.changed.wait(revision, ms, signal)
    }
  }

  /** Returns when to look again though nothing has changed. */
  async #round(): Promise<number> {
    const { truth, global, globalMover, drives, signal } = this.#options
    const held = truth.known && global.known ? truth.lastSwitch : undefined
    if (held === undefined || !drives(held.value.controller)) return limits.sessionMs
    const escort = escortOf(held.value, truth.table.value, global.held.value)
    if (escort === undefined) return limits.sessionMs
    await globalMover.begin(escort.request, escort.id, signal)
    return limits.sessionMs
  }
}
