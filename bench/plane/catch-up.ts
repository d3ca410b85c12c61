import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock } from '@ezone/sdk/clock'
import type { FaultReport } from '../../testbed/agent/fault.ts'
import type { Whole } from '../../tools/prove/whole.ts'
import { atLeast, atMost, busy, type Measured, merely } from './figures.ts'
import { rowsPerTransaction } from './load.ts'
import { drcPair, durabilityOf, type Pair, perSecond } from './pair.ts'

const giveUpMs = 120_000
/** So far behind is what the lag's own target allows; nearer counts as caught up. */
const nearMs = 150

/**
 * The link is cut for a while, load goes on, the cut's lease ends: how long until the other zone is no farther behind
 * than it may be ever, with load still going on, and how fast rows are applied until then.
 */
export async function catchUp(whole: Whole, { cutMs }: { cutMs: number }): Promise<Measured> {
  const before = busy()
  await using pair = await drcPair(whole, 'catch_up')
  const { load, watcher } = pair
  await load.run(3_000)
  await watcher.untilWhole(load.last, 30_000)
  let over = false
  const loading = load.run(cutMs + 2 * giveUpMs, () => over)
  try {
    const { endsMs, held } = await cut(whole, pair, cutMs)
    const behind = load.last - held
    const { firstMs, from } = await firstAfter(pair, held)
    const caughtMs = await caughtUp(pair)
    const applied = watcher.whole - from
    return {
      figures: [
        atMost(`caught up after a ${cutMs / 1000} s cut, from its end`, (caughtMs - endsMs) / 1_000, 's', 10),
        merely('of that, until the first row came', (firstMs - endsMs) / 1_000, 's'),
        atLeast(
          'applied from then on',
          (applied * rowsPerTransaction) / ((caughtMs - firstMs) / 1_000),
          'rows/s',
          5_000,
        ),
      ],
      load: [before, busy()],
      notes: {
        durability: await durabilityOf(whole),
        ...{ transactionsHeldBack: behind, appliedMeanwhile: applied, rowsPerTransaction, perSecond },
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

async function firstAfter({ watcher }: Pair, held: number): Promise<{ firstMs: number; from: number }> {
  const endMs = systemClock.monotonicMs() + giveUpMs
  while (watcher.whole <= held) {
    if (systemClock.monotonicMs() > endMs) throw new Error('nothing came after the cut')
    await sleep(2)
  }
  return { firstMs: watcher.seenMs.get(held + 1) ?? Number.NaN, from: held }
}

async function caughtUp({ load, watcher }: Pair): Promise<number> {
  const endMs = systemClock.monotonicMs() + giveUpMs
  for (;;) {
    const nowMs = systemClock.monotonicMs()
    const oldest = load.committedMs.get(watcher.whole + 1)
    if (oldest === undefined || nowMs - oldest <= nearMs) return nowMs
    if (nowMs > endMs) throw new Error(`still ${load.last - watcher.whole} behind, ${giveUpMs} ms after the cut`)
    await sleep(5)
  }
}
