/**
 * Quantile by nearest rank: the smallest sample that at least the given share of all samples do not exceed. Always one of
 * the samples, never a value between two of them.
 *
 * @param share above 0, at most 1
 */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b)
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]
  if (value === undefined) throw new RangeError('no samples, no quantile')
  return value
}
