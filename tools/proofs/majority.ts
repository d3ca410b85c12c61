import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock } from '@ezone/sdk/clock'
import { fenceLimits } from '@ezone/sdk/model'
import { mustBe, type Proof } from '../proof.ts'
import { InsideZone } from '../prove/inside-zone.ts'
import { Whole } from '../prove/whole.ts'

const links = ['bj-sh', 'edge-sh'] as const
const refusedWithinMs = fenceLimits.leaseMs + fenceLimits.driftMsMax

export const proof: Proof = {
  statement:
    'A zone cut off from the majority: refused within lease + drift under `strict`, goes on under `available`, conflicts locked after the heal',
  limitMs: 10 * 60_000,
  async see({ signal }) {
    const strict = await underStrict(signal)
    const available = await underAvailable(signal)
    return { strict, available }
  },
}

async function cut(whole: Whole): Promise<number> {
  await Promise.all(links.map((link) => whole.run('links', 'cut', link, '--for', '5m')))
  return systemClock.monotonicMs()
}

async function join(whole: Whole): Promise<void> {
  for (const link of links) await whole.run('links', 'join', link)
}

/** Its database refuses what its own services write, soon enough that nobody else has the shard before. */
async function underStrict(signal: AbortSignal): Promise<object> {
  await using whole = await Whole.upWith({ policy: 'strict' })
  const [before] = await shanghaiOrders(whole, 1)
  const inside = await InsideZone.of(whole, 'sh', before)
  mustBe((await inside.place()) === 'done', 'sh does not write before the cut')
  const cutAtMs = await cut(whole)
  let written = 0
  let lastMs = 0
  for (let said = await inside.place(); said !== 'EZ_LEASE_EXPIRED'; said = await inside.place()) {
    mustBe(said === 'done', `a write inside sh was answered ${said}`)
    written++
    lastMs = systemClock.monotonicMs() - cutAtMs
    mustBe(lastMs < refusedWithinMs, `sh still wrote ${lastMs} ms after the cut`)
    await sleep(50, undefined, { signal })
  }
  const refusedAfterMs = Math.round(systemClock.monotonicMs() - cutAtMs)
  const takenAtMs = systemClock.monotonicMs()
  const moved = await whole.run<{ epoch: number }>('shard', 'move', '31', '--to', 'bj', '--takeover', '--why', 'proof')
  const takeoverMs = Math.round(systemClock.monotonicMs() - takenAtMs)
  mustBe((await whole.place('Shanghai')).zone === 'bj', 'bj does not serve what it took')
  mustBe((await inside.place()) === 'EZ_LEASE_EXPIRED', 'sh writes again although it was replaced')
  await join(whole)
  await knows(whole, moved.epoch, signal)
  const conflicts = await reconciled(whole)
  mustBe(conflicts.length === 0, `${conflicts.length} conflicts although only one zone wrote at a time`)
  return {
    writtenInside: written,
    lastWriteMs: Math.round(lastMs),
    refusedAfterMs,
    limitMs: refusedWithinMs,
    takeoverMs,
  }
}

/** It goes on, also when its shard is taken; what was changed on both sides is locked, and nothing else. */
async function underAvailable(signal: AbortSignal): Promise<object> {
  await using whole = await Whole.upWith({ policy: 'available' })
  const orders = await shanghaiOrders(whole, 6)
  const inside = await InsideZone.of(whole, 'sh', orders[0])
  const cutAtMs = await cut(whole)
  const moved = await whole.run<{ epoch: number }>('shard', 'move', '31', '--to', 'bj', '--takeover', '--why', 'proof')
  // The first two by both sides, the next two by sh alone, the last two by bj alone.
  const [both, shOnly, bjOnly] = [orders.slice(0, 2), orders.slice(2, 4), orders.slice(4)]
  for (const { orderId } of [...both, ...bjOnly]) await whole.run('order', 'advance', orderId, '--to', 'paid')
  let written = 0
  for (const { orderId } of [...both, ...shOnly]) {
    const said = await inside.advance(orderId, 'cancelled')
    mustBe(said === 'done', `sh, cut off, answered ${said}`)
  }
  while (systemClock.monotonicMs() - cutAtMs < refusedWithinMs + 2_000) {
    const said = await inside.place()
    mustBe(said === 'done', `sh, cut off, answered ${said} to its order ${written + 1}`)
    written++
    await sleep(100, undefined, { signal })
  }
  await join(whole)
  await knows(whole, moved.epoch, signal)
  mustBe((await inside.place()) === 'EZ_STALE_EPOCH', 'sh writes a shard that is not its own any more')
  const conflicts = await reconciled(whole)
  const locked = await lockedIn(whole)
  for (const zone of ['bj', 'sh'])
    mustBe(
      locked[zone]?.toSorted().join() ===
        both
          .map(({ orderId }) => orderId)
          .toSorted()
          .join(),
      `locked in ${zone}: ${locked[zone]}; changed on both sides: ${both.map(({ orderId }) => orderId)}`,
    )
  const refused: string[] = []
  for (const { orderId } of both) {
    const { error } = await whole.cli.run('order', 'advance', orderId, '--to', 'accepted')
    refused.push(error?.code ?? 'done')
  }
  mustBe(
    refused.every((code) => code === 'EZ_ORDER_LOCKED'),
    `locked orders were answered ${refused}`,
  )
  await whole.run('order', 'advance', bjOnly[0]?.orderId ?? '', '--to', 'accepted')
  await whole.run('shard', 'move', '31', '--to', 'sh', '--why', 'settled: the way back is a planned one')
  return { writtenInside: written, changedOnBothSides: both.length, conflicts: conflicts.length, locked, refused }
}

const shanghaiOrders = (whole: Whole, count: number) =>
  Promise.all(Array.from({ length: count }, () => whole.place('Shanghai')))

/** Until the cut-off zone has learnt that the shard is not its own. */
async function knows(whole: Whole, epoch: number, signal: AbortSignal): Promise<void> {
  for (let looks = 0; looks < 150; looks++) {
    const [row] = await whole.rows('sh', 'SELECT zone, epoch FROM ezone.fence WHERE shard = 31')
    if (row?.zone === 'bj' && Number(row.epoch) === epoch) return
    await sleep(200, undefined, { signal })
  }
  throw new Error('sh has not learnt within 30 s that shard 31 is not its own any more')
}

/** The zones are equal; returns the conflicts on the way there. */
async function reconciled(whole: Whole): Promise<readonly { readonly key: string }[]> {
  const { equal } = await whole.run<{ equal: boolean }>('drc', 'verify')
  mustBe(equal, 'the zones differ')
  return (await whole.run<{ conflicts: readonly { key: string }[] }>('drc', 'conflicts')).conflicts
}

async function lockedIn(whole: Whole): Promise<Readonly<Record<string, readonly string[]>>> {
  const of = async (zone: string) =>
    (await whole.rows(zone, 'SELECT order_id FROM delivery.orders WHERE locked <> 0')).map((row) =>
      String(row.order_id),
    )
  return { bj: await of('bj'), sh: await of('sh') }
}
