import { covers, type Watermark } from './watermark.ts'

/** What a zone holds under a key at one moment. */
export interface RowLook {
  /** `drc_ver` of the row; 0 where there is none. */
  readonly version: bigint
  /** Of all its columns; null where there is no row. */
  readonly digest: string | null
  /** Version of the last delete of this key; 0 where there was none. */
  readonly tombstone: bigint
}

/** One zone looked at, all keys at one moment. */
export interface ZoneLook {
  readonly zone: string
  /** All of this was visible for certain. */
  readonly has: Watermark
  /** Nothing beyond this can have been visible. */
  readonly mayHave: Watermark
  /** By key id. A key that is not in it is not there at all. */
  readonly rows: ReadonlyMap<string, RowLook>
}

/** All zones, looked at after whatever was looked at before. */
export type Round = readonly ZoneLook[]

export const nothing: RowLook = { version: 0n, digest: null, tombstone: 0n }

/** The newest write to a key that a zone knows of. */
const register = ({ version, tombstone }: RowLook): bigint => (version > tombstone ? version : tombstone)

export type Verdict = 'equal' | 'differs' | 'pending' | 'open'

/** A row that is proven to have arrived so often, and was changed again each time, is alive and well. */
const movesMax = 3

/**
 * Judges keys under which zones do not hold the same, while changes travel.
 *
 * Zone Y has applied all that zone X could have had at an earlier look. Then the newest write Y knows of a key is not
 * older than X's was: each zone keeps the newest of the writes it has seen. Where it is older, the write was lost, or
 * never logged. Where it is the same write, the row must be the same too, whatever is on its way. Nothing else is a
 * difference: what Y has not applied yet, it may still get.
 */
export class Settling {
  readonly #open = new Map<string, { base: Round | null; moves: number }>()
  readonly #closed = new Map<string, Verdict>()

  constructor(keys: readonly string[]) {
    for (const key of keys) this.#open.set(key, { base: null, moves: 0 })
  }

  get open(): readonly string[] {
    return [...this.#open.keys()]
  }

  /** What the open keys wait for: looks that others have not caught up with yet. */
  get bases(): readonly Round[] {
    return [...new Set([...this.#open.values()].map(({ base }) => base))].filter((base) => base !== null)
  }

  add(round: Round): void {
    for (const [key, state] of this.#open) {
      const verdict = judge(key, state.base, round)
      if (verdict === 'equal' || verdict === 'differs') this.#close(key, verdict)
      else if (verdict === 'moved') {
        state.moves += state.base === null ? 0 : 1
        state.base = round
        if (state.moves >= movesMax) this.#close(key, 'pending')
      }
    }
  }

  /** `open`: not known. A key that had arrived at least once and was changed again is `pending`. */
  verdict(key: string): Verdict {
    return this.#closed.get(key) ?? ((this.#open.get(key)?.moves ?? 0) > 0 ? 'pending' : 'open')
  }

  #close(key: string, verdict: Verdict): void {
    this.#open.delete(key)
    this.#closed.set(key, verdict)
  }
}

/** `moved`: whatever there was at the base has arrived everywhere, and something new has come. */
function judge(key: string, base: Round | null, now: Round): 'equal' | 'differs' | 'moved' | 'waits' {
  const rows = now.map((look) => rowOf(look, key))
  if (rows.every(({ digest }) => digest === rows[0]?.digest)) return 'equal'
  if (rows.some((a) => rows.some((b) => contradicts(a, b)))) return 'differs'
  if (base === null) return 'moved'
  const pairs = base.flatMap((then) =>
    now.flatMap((later) =>
      later.zone === then.zone ? [] : [{ then, later, arrived: covers(later.has, then.mayHave) }],
    ),
  )
  const lost = pairs.some(({ then, later, arrived }) => {
    const [before, after] = [rowOf(then, key), rowOf(later, key)]
    return contradicts(before, after) || (arrived && register(after) < register(before))
  })
  if (lost) return 'differs'
  return pairs.every(({ arrived }) => arrived) ? 'moved' : 'waits'
}

/** The same write is the newest of both, and yet they hold something else. */
const contradicts = (a: RowLook, b: RowLook): boolean =>
  register(a) === register(b) && register(a) > 0n && a.digest !== b.digest

const rowOf = (look: ZoneLook, key: string): RowLook => look.rows.get(key) ?? nothing
