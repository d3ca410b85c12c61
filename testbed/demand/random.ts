import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'

/** A number from 0 up to 1, different at every call. Handed in wherever something is drawn. */
export type Random = () => number

/** The same seed gives the same numbers, on every machine. */
export function seeded(seed: number): Random {
  const generator = xoroshiro128plus(seed)
  return () => uniformFloat64(generator)
}

/** Draws items as often as their weights say; built once, asked often. */
export function weighted<T>(items: readonly T[], weightOf: (item: T) => number): (random: Random) => T {
  let sum = 0
  const bounds = items.map((item) => {
    sum += weightOf(item)
    return sum
  })
  if (!(sum > 0)) throw new TypeError('nothing can be drawn where all weights together are nothing')
  return (random) => {
    const at = random() * sum
    let [low, high] = [0, bounds.length - 1]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((bounds[middle] ?? 0) > at) high = middle
      else low = middle + 1
    }
    return items[low] as T
  }
}
