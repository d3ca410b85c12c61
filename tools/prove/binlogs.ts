import { setTimeout as sleep } from 'node:timers/promises'
import { mustBe } from '../proof.ts'
import type { Whole } from './whole.ts'

const quietMs = 10_000
const lookEveryMs = 1_000
const patienceMs = 90_000

/** Every transaction in a zone's binlog, whoever made it: each has a GTID there. */
async function endOf(whole: Whole, zone: string): Promise<string> {
  const [row] = await whole.rows(zone, 'SELECT @@GLOBAL.gtid_executed AS gtids')
  return `${zone} ${String(row?.gtids).replace(/\s/g, '')}`
}

/**
 * Waits until nothing has been added to any zone's binlog for ten seconds: where a change travels in a circle that never
 * comes. Returns after how long the last one was added. Milliseconds.
 */
export async function binlogsStopGrowing(whole: Whole, zones: readonly string[], signal: AbortSignal): Promise<number> {
  const look = async () => (await Promise.all(zones.map((zone) => endOf(whole, zone)))).join('\n')
  const beganMs = performance.now()
  let sinceMs = beganMs
  let seen = await look()
  while (performance.now() - sinceMs < quietMs) {
    mustBe(performance.now() - beganMs < patienceMs, `the binlogs still grow:\n${seen}\n${await look()}`)
    await sleep(lookEveryMs, undefined, { signal })
    const now = await look()
    if (now !== seen) sinceMs = performance.now()
    seen = now
  }
  return Math.round(sinceMs - beganMs)
}

/** Orders in each zone's own database. */
async function ordersIn(whole: Whole, zones: readonly string[]): Promise<Readonly<Record<string, number>>> {
  const counts = zones.map(async (zone) => {
    const [row] = await whole.rows(zone, 'SELECT COUNT(*) AS n FROM delivery.orders')
    return [zone, Number(row?.n)] as const
  })
  return Object.fromEntries(await Promise.all(counts))
}

/** Losers kept in any zone: where every row is written in one zone only, each would be a change that came twice. */
async function losersIn(whole: Whole, zones: readonly string[]): Promise<number> {
  const counts = zones.map(async (zone) => {
    const [row] = await whole.rows(zone, 'SELECT COUNT(*) AS n FROM ezone_drc.conflict')
    return Number(row?.n)
  })
  return (await Promise.all(counts)).reduce((sum, n) => sum + n, 0)
}

/**
 * Every acknowledged order is in every zone, and none that nobody asked for: of those without an answer some may be there.
 * What was placed is a load's, or the sum of several.
 */
export async function nothingLostOrDoubled(
  whole: Whole,
  zones: readonly string[],
  { ok, unknown }: { readonly ok: number; readonly unknown: number },
): Promise<Readonly<Record<string, number>>> {
  const written = await ordersIn(whole, zones)
  const counts = new Set(Object.values(written))
  const [count = 0] = counts
  const said = `${ok} acknowledged and ${unknown} without an answer, there are ${JSON.stringify(written)}`
  mustBe(counts.size === 1 && count >= ok && count <= ok + unknown, said)
  const losers = await losersIn(whole, zones)
  mustBe(losers === 0, `${losers} changes met a version they had not seen`)
  return written
}
