import { type Clock, isFenceRefusal, type OwnShards } from '@ezone/sdk'
import type { Turns } from './turns.ts'

/** What became of the turn of a shard. `gone`: it has moved meanwhile, and its new zone goes on. */
export type Fate = 'done' | 'notDue' | 'gone'

export interface JobOptions {
  readonly turns: Pick<Turns, 'take'>
  readonly own: Pick<OwnShards, 'all'>
  readonly clock: Clock
  readonly count: (fate: Fate) => void
}

/** Gives every shard of the zone its turn. Several instances may do so at once: the database lets one. */
export class Job {
  readonly #options: JobOptions

  constructor(options: JobOptions) {
    this.#options = options
  }

  /** One turn of each shard, where it is due. A shard that fails does not keep the others from theirs. */
  async round(): Promise<void> {
    const { turns, own, clock, count } = this.#options
    const failed: unknown[] = []
    for (const claim of own.all()) {
      try {
        count((await turns.take(claim, Math.floor(clock.nowMs()))) ? 'done' : 'notDue')
      } catch (error) {
        if (isFenceRefusal(error)) count('gone')
        else failed.push(error)
      }
    }
    if (failed.length > 0) throw new AggregateError(failed, `${failed.length} shards have not had their turn`)
  }
}
