import type { Barrier, RoutingTable, ServiceContext } from '@ezone/sdk'
import type { Fences } from '@ezone/sdk/dal'
import { limits } from './limits.ts'
import type { Truth } from './truth.ts'
import { unsettled } from './wanted.ts'

export interface SettlerOptions extends Pick<ServiceContext, 'config' | 'clock' | 'log'> {
  readonly zone: string
  readonly truth: Truth
  readonly fences: Fences
}

/**
 * Finds out when the shards this zone took are settled: every other zone knows of the takeover and has said how far its
 * own writes reached, all of them have been applied here, and every conflict with them is locked. Until then the zones may
 * differ in what nobody has seen together, so the shard is not given on as if nothing had happened.
 */
export class Settler {
  readonly #options: SettlerOptions
  /** shard -> epoch of the takeover */
  readonly settled = new Map<number, number>()
  #lookedAtMs = Number.NEGATIVE_INFINITY
  #trouble = false

  constructor(options: SettlerOptions) {
    this.#options = options
  }

  /** Looks every now and then while there is something to settle. Never rejects: nothing else waits for it. */
  async look(table: RoutingTable): Promise<void> {
    const { zone, clock, log } = this.#options
    const waiting = unsettled(table, zone, this.settled)
    if (waiting.length === 0 || clock.monotonicMs() - this.#lookedAtMs < limits.settleLookMs) return
    this.#lookedAtMs = clock.monotonicMs()
    try {
      for (const { shard, takenEpoch } of await this.#arrived(waiting)) {
        this.settled.set(shard, takenEpoch)
        log.info({ shard, epoch: takenEpoch }, 'all that others wrote before they knew of the takeover is here')
      }
      this.#trouble = false
    } catch (error) {
      if (!this.#trouble) log.warn({ err: error }, 'it could not be looked whether takeovers are settled')
      this.#trouble = true
    }
  }

  /** Those of which nothing is on its way any more, and no lock is due. */
  async #arrived(waiting: ReturnType<typeof unsettled>): Promise<ReturnType<typeof unsettled>> {
    const { config, zone, truth, fences } = this.#options
    const others = config.zones.map(({ name }) => name).filter((name) => name !== zone)
    const views = await Promise.all(
      others.map(async (other) => ({ acks: await truth.acksOf(other), applied: await fences.position(other) })),
    )
    const arrived = waiting.filter(({ shard, takenEpoch }) =>
      views.every(({ acks, applied }) => {
        const barrier = (acks?.shards[shard]?.epoch ?? 0) >= takenEpoch ? acks?.barrier[shard] : undefined
        return barrier !== undefined && reached(applied, barrier)
      }),
    )
    // Conflicts are noted in the transaction that moves the position: whatever it covers is seen now.
    return arrived.length > 0 && (await fences.locksDue()) === 0 ? arrived : []
  }
}

const reached = (applied: readonly Barrier[], { uuid, gno }: Barrier) =>
  applied.some((position) => position.uuid === uuid && position.gno >= gno)
