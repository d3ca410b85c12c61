import type { ShardEntry } from '../model/index.ts'
import type { Counter } from '../service/metrics.ts'
import type { TableSubscription } from './table-subscription.ts'

/** A shard that this zone has from now on, or has no more. */
export interface ZoneChange {
  readonly shard: number
  /** The zone that had it before, as far as the table has told; null where it has not. */
  readonly from: string | null
  /** The zone that has it now or is to have it; null where nobody may write it and no move says who will. */
  readonly to: string | null
  readonly epoch: number
  /** True: this zone has it now. */
  readonly owned: boolean
}

/** @param signal aborts when the time for it is over, or the service ends */
export type ZoneChangeHook = (change: ZoneChange, signal: AbortSignal) => Promise<void> | void

export interface ZoneChangesOptions {
  readonly table: Pick<TableSubscription, 'onChange'>
  readonly zone: string
  readonly log: { warn(what: object, text: string): void; info?(what: object, text: string): void }
  /** Labels: hook, outcome (`done`, `failed`, `late`). */
  readonly told?: Counter
  /** How long a hook may take; the next one begins then, whether or not it has ended. */
  readonly limitMs?: number
  readonly signal: AbortSignal
}

interface Hook {
  readonly name: string
  readonly run: ZoneChangeHook
  /** Shard -> the epoch under which it was told that the zone has it. */
  readonly has: Map<number, number>
}

const limitMsDefault = 2_000

/**
 * Tells the parts of a service which shards its zone has, as the table changes: what is built on something else is
 * registered after it, begins after it and ends before it. So a gain is told in the order of registration and a loss in
 * the reverse, of each shard one after the other; shards do not wait for each other.
 *
 * A hook prepares and cleans up; it guards nothing. That no write of a lost shard gets through is up to its fence row.
 */
export class ZoneChanges implements Disposable {
  readonly #options: ZoneChangesOptions
  readonly #hooks: Hook[] = []
  readonly #entries = new Map<number, ShardEntry>()
  /** Shard -> the last zone that had it and is not the one that has it now. */
  readonly #before = new Map<number, string>()
  readonly #working = new Set<number>()
  readonly #listening: Disposable

  constructor(options: ZoneChangesOptions) {
    this.#options = options
    this.#listening = options.table.onChange(({ table }) => {
      for (const entry of table.shards) this.#changed(entry)
    })
  }

  /** Also told of what the zone has already. Until it is disposed; what it was told of stays as it is then. */
  onZoneChange(name: string, run: ZoneChangeHook): Disposable {
    const hook: Hook = { name, run, has: new Map() }
    this.#hooks.push(hook)
    for (const shard of this.#entries.keys()) void this.#work(shard)
    return { [Symbol.dispose]: () => void this.#hooks.splice(this.#hooks.indexOf(hook) >>> 0, 1) }
  }

  [Symbol.dispose](): void {
    this.#listening[Symbol.dispose]()
    this.#hooks.length = 0
  }

  #changed(entry: ShardEntry): void {
    const known = this.#entries.get(entry.shard)
    if (known?.epoch === entry.epoch && known.state === entry.state) return
    if (known !== undefined && known.zone !== entry.zone) this.#before.set(entry.shard, known.zone)
    this.#entries.set(entry.shard, entry)
    void this.#work(entry.shard)
  }

  /** Looks anew after every hook: a change that was undone meanwhile is not told to those who do not know of it. */
  async #work(shard: number): Promise<void> {
    if (this.#working.has(shard)) return
    this.#working.add(shard)
    try {
      // Whoever changes something changes all of it: hooks that are registered one after the other wait for this.
      await Promise.resolve()
      for (let next = this.#next(shard); next !== null; next = this.#next(shard)) {
        if (this.#options.signal.aborted) return
        const { hook, change } = next
        if (change.owned) hook.has.set(shard, change.epoch)
        else hook.has.delete(shard)
        await this.#tell(hook, change)
      }
    } finally {
      this.#working.delete(shard)
    }
  }

  #next(shard: number): { readonly hook: Hook; readonly change: ZoneChange } | null {
    const entry = this.#entries.get(shard)
    if (entry === undefined) return null
    const { zone } = this.#options
    const { epoch } = entry
    const owned = entry.state === 'ACTIVE' && entry.zone === zone
    const loser = this.#hooks.findLast(({ has }) => has.has(shard) && !(owned && has.get(shard) === epoch))
    const to = entry.state === 'ACTIVE' ? entry.zone : (entry.move?.to ?? null)
    if (loser !== undefined) return { hook: loser, change: { shard, from: zone, to, epoch, owned: false } }
    const gainer = owned ? this.#hooks.find(({ has }) => !has.has(shard)) : undefined
    const from = this.#before.get(shard) ?? null
    return gainer === undefined ? null : { hook: gainer, change: { shard, from, to, epoch, owned: true } }
  }

  async #tell({ name, run }: Hook, change: ZoneChange): Promise<void> {
    const { limitMs = limitMsDefault, signal, log, told } = this.#options
    const late = new AbortController()
    const over = Promise.withResolvers<'late'>()
    const timer = setTimeout(() => {
      late.abort(new Error(`the hook took more than ${limitMs} ms`))
      over.resolve('late')
    }, limitMs)
    timer.unref()
    let reason: unknown
    const running = (async () => run(change, AbortSignal.any([signal, late.signal])))().then(
      () => 'done' as const,
      (error: unknown) => {
        reason = error
        return 'failed' as const
      },
    )
    const outcome = await Promise.race([running, over.promise])
    clearTimeout(timer)
    told?.add({ hook: name, outcome })
    if (outcome === 'done') log.info?.({ ...change, hook: name }, 'a zone change was taken')
    else log.warn({ ...change, hook: name, outcome, err: reason }, 'a zone change was not taken well')
  }
}
