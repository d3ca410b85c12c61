/** Part of a table by its primary key: after `from`, up to and with `to`; null is no border. */
export interface Range<K> {
  readonly from: K | null
  readonly to: K | null
}

/** A table as one zone has it. */
export interface RangeSource<K> {
  /** Rows of a range, and one digest over all of them that does not depend on their order. */
  sum(range: Range<K>): Promise<{ readonly rows: number; readonly digest: string }>
  /** The key of the n-th row of a range, 1 for the first; null where there are fewer. */
  keyAt(range: Range<K>, n: number): Promise<K | null>
  /** Every row of a range. Only asked of ranges that had few a moment ago. */
  digests(range: Range<K>): Promise<ReadonlyMap<string, { readonly key: K; readonly digest: string }>>
}

export interface RangeLimits {
  /** Rows that are summed at once. */
  readonly chunkRows: number
  /** Rows of a range that are looked at one by one, in each zone. */
  readonly leafRows: number
}

/** What was found in a range. */
export interface Found<K> {
  /** Rows, by zone in the order of the sources. */
  readonly rows: readonly number[]
  /** Keys under which the zones did not hold the same when they were read, by their id. */
  readonly keys: ReadonlyMap<string, K>
}

/** A range that changes under our hands is halved so often, then read whatever it has. */
const depthMax = 48

/**
 * Compares a table of several zones, range by range: first one sum per zone; where sums differ by halves, down to ranges of
 * few rows, whose rows are compared. No more than `leafRows` rows per zone are held at a time.
 */
export async function* differences<K>(
  sources: readonly RangeSource<K>[],
  { chunkRows, leafRows }: RangeLimits,
): AsyncGenerator<Found<K>> {
  const [first] = sources
  if (first === undefined) return
  for (let from: K | null = null; ; ) {
    const to: K | null = await first.keyAt({ from, to: null }, chunkRows)
    yield* within(sources, { from, to }, { leafRows, depth: 0 })
    if (to === null) return
    from = to
  }
}

async function* within<K>(
  sources: readonly RangeSource<K>[],
  range: Range<K>,
  { leafRows, depth }: { readonly leafRows: number; readonly depth: number },
): AsyncGenerator<Found<K>> {
  const sums = await Promise.all(sources.map((source) => source.sum(range)))
  if (sums.every(({ rows, digest }) => rows === sums[0]?.rows && digest === sums[0]?.digest)) {
    yield { rows: sums.map(({ rows }) => rows), keys: new Map() }
    return
  }
  const most = Math.max(...sums.map(({ rows }) => rows))
  const fullest = sources[sums.findIndex(({ rows }) => rows === most)]
  const middle = most <= leafRows || depth >= depthMax ? null : await fullest?.keyAt(range, Math.floor(most / 2))
  if (middle === null || middle === undefined) {
    yield leaf(await Promise.all(sources.map((source) => source.digests(range))))
    return
  }
  yield* within(sources, { from: range.from, to: middle }, { leafRows, depth: depth + 1 })
  yield* within(sources, { from: middle, to: range.to }, { leafRows, depth: depth + 1 })
}

function leaf<K>(zones: readonly ReadonlyMap<string, { readonly key: K; readonly digest: string }>[]): Found<K> {
  const keys = new Map<string, K>()
  for (const zone of zones)
    for (const [id, { key, digest }] of zone)
      if (zones.some((other) => other.get(id)?.digest !== digest)) keys.set(id, key)
  return { rows: zones.map((zone) => zone.size), keys }
}
