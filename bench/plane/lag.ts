import type { Whole } from '../../tools/prove/whole.ts'
import { atMost, busy, type Measured, median, merely, quantile } from './figures.ts'
import { drcPair, durabilityOf, nativePair, type Pair, perSecond } from './pair.ts'

/** Connections, caches and compiled code come to rest. */
const warmMs = 3_000
const arriveMsMax = 30_000

/**
 * From the acknowledged commit in one zone to the row being there in the other, both read from one clock. DRC and MySQL's
 * own replication take turns over the same link, so that what else the machine does weighs on both.
 */
export async function lag(whole: Whole, { rounds, roundMs }: { rounds: number; roundMs: number }): Promise<Measured> {
  const before = busy()
  await using drc = await drcPair(whole, 'lag')
  await using native = await nativePair(whole, 'lag')
  for (const one of [drc, native]) await take(one, warmMs)
  const lags = { drc: [] as number[], native: [] as number[] }
  for (let round = 0; round < rounds; round++) {
    lags.drc.push(...(await take(drc, roundMs)))
    lags.native.push(...(await take(native, roundMs)))
  }
  const [p99, rivalP99] = [quantile(lags.drc, 0.99), quantile(lags.native, 0.99)]
  return {
    figures: [
      atMost(`DRC lag p99 at ${perSecond} transactions/s over 30 ms`, p99, 'ms', 150),
      merely('DRC lag p50', median(lags.drc), 'ms'),
      merely("MySQL's own replication, p99", rivalP99, 'ms'),
      merely("MySQL's own replication, p50", median(lags.native), 'ms'),
      merely('DRC p50 / native p50', median(lags.drc) / median(lags.native), 'x'),
      merely('DRC p99 / native p99', p99 / rivalP99, 'x'),
    ],
    load: [before, busy()],
    notes: {
      durability: await durabilityOf(whole),
      transactions: lags.drc.length,
      rounds,
      roundMs,
      mostWaitedForAConnection: { drc: drc.load.waitedMax, native: native.load.waitedMax },
      drcMs: spread(lags.drc),
      nativeMs: spread(lags.native),
    },
  }
}

async function take({ load, watcher }: Pair, forMs: number): Promise<readonly number[]> {
  const first = load.last + 1
  await load.run(forMs)
  await watcher.untilWhole(load.last, arriveMsMax)
  return Array.from({ length: load.last - first + 1 }, (_, index) => {
    const number = first + index
    return (watcher.seenMs.get(number) ?? Number.NaN) - (load.committedMs.get(number) ?? Number.NaN)
  })
}

const spread = (values: readonly number[]) =>
  Object.fromEntries(
    [0.01, 0.5, 0.9, 0.99, 0.999, 1].map((share) => [`p${share * 100}`, Math.round(quantile(values, share))]),
  )
