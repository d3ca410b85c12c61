import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock } from '@ezone/sdk/clock'
import type { FaultReport } from '../../testbed/chaos/fault.ts'
import type { Whole } from '../../tools/prove/whole.ts'
import { atLeast, atMost, busy, type Measured, merely, quantile } from './figures.ts'
import { rowsPerTransaction } from './load.ts'
import { drcPair, durabilityOf, type Pair, perSecond } from './pair.ts'

const giveUpMs = 120_000
/** So far behind is what the lag's own target allows. Nearer counts as caught up, and so does what was usual before. */
const allowedMs = 150
const usualMs = 5_000

/**
 * The link is cut for a while, load goes on, the cut's lease ends: how long until the other zone is no farther behind
 * than it may be ever, with load still going on, and how fast rows are applied until then.
 */
export async function catchUp(whole: Whole, { cutMs }: { cutMs: number }): Promise<Measured> {
  const before = busy()
  await using pair = await drcPair(whole, 'catch_up')
  const { load, watcher } = pair
  await load.run(3_000)
  const usual = await usualLag(pair)
  let over = false
  const loading = load.run(cutMs + 2 * giveUpMs, () => over)
  try {
    const { endsMs, held } = await cut(whole, pair, cutMs)
    const behind = load.last - held
    const last = load.last
    const firstMs = await firstAfter(pair, held)
    const caughtMs = await caughtUp(pair, Math.max(allowedMs, usual))
    const allMs = watcher.seenMs.get(last) ?? Number.NaN
    return {
      figures: [
        atMost(`caught up after a ${cutMs / 1000} s cut, from its end`, (caughtMs - endsMs) / 1_000, 's', 10),
        merely('of that, until the first row came', (firstMs - endsMs) / 1_000, 's'),
        merely('until all that was held back had come', (allMs - endsMs) / 1_000, 's'),
        atLeast('applied of it', (behind * rowsPerTransaction) / ((allMs - firstMs) / 1_000), 'rows/s', 5_000),
      ],
      load: [before, busy()],
      notes: {
        durability: await durabilityOf(whole),
        ...{ transactionsHeldBack: behind, rowsPerTransaction, perSecond, usualLagP99Ms: Math.round(usual) },
        mostWaitedForAConnection: load.waitedMax,
      },
    }
  } finally {
    over = true
    await loading
  }
}

/** @returns when the cut ended, on the monotonic clock, and what had come before it */
async function cut(whole: Whole, { watcher }: Pair, cutMs: number): Promise<{ endsMs: number; held: number }> {
  type Answer = { readonly faults: readonly FaultReport[] }
  const { faults } = await whole.run<Answer>('links', 'cut', 'bj-sh', '--for', `${cutMs / 1000}s`)
  const endsMs = systemClock.monotonicMs() + Date.parse(faults[0]?.leaseUntil ?? '') - systemClock.nowMs()
  const held = watcher.whole
  await sleep(endsMs - systemClock.monotonicMs() - 20)
  if (watcher.whole > held) throw new Error(`${watcher.whole - held} transactions came through the cut`)
  await sleep(Math.max(0, endsMs - systemClock.monotonicMs()))
  return { endsMs, held }
}

/** Lag p99 before anything is cut. */
async function usualLag({ load, watcher }: Pair): Promise<number> {
  const first = load.last + 1
  await load.run(usualMs)
  await watcher.untilWhole(load.last, 30_000)
  const numbers = Array.from({ length: load.last - first + 1 }, (_, index) => first + index)
  return quantile(
    numbers.map((number) => (watcher.seenMs.get(number) ?? Number.NaN) - (load.committedMs.get(number) ?? Number.NaN)),
    0.99,
  )
}

async function firstAfter({ watcher }: Pair, held: number): Promise<number> {
  const endMs = systemClock.monotonicMs() + giveUpMs
  while (watcher.whole <= held) {
    if (systemClock.monotonicMs() > endMs) throw new Error('nothing came after the cut')
    await sleep(2)
  }
  return watcher.seenMs.get(held + 1) ?? Number.NaN
}

async function caughtUp({ load, watcher }: Pair, nearMs: number): Promise<number> {
  const endMs = systemClock.monotonicMs() + giveUpMs
  for (;;) {
    const nowMs = systemClock.monotonicMs()
    const oldest = load.committedMs.get(watcher.whole + 1)
    if (oldest === undefined || nowMs - oldest <= nearMs) return nowMs
    if (nowMs > endMs) throw new Error(`still ${load.last - watcher.whole} behind, ${giveUpMs} ms after the cut`)
    await sleep(5)
  }
}
