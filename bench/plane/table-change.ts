import { setTimeout as sleep } from 'node:timers/promises'
import { subscribersAnswerSchema } from '@ezone/sdk/model'
import { GzsClient } from '../../testbed/gzs/gzs-client.ts'
import { moveShard } from '../../testbed/gzs/move.ts'
import type { Whole } from '../../tools/prove/whole.ts'
import { atMost, busy, type Measured, median, merely, quantile } from './figures.ts'

/** How often every GZS is asked what its subscribers have acknowledged. An answer says when each did, so nothing is added. */
const askEveryMs = 15
const settleMs = 1_500
const betweenMs = 300
const limitMs = 300_000
const moved = 31

interface Seen {
  readonly version: number
  readonly ackedAtMs: number
}

/**
 * From the moment a change of the table was written down, which is before the ensemble has it, until every subscriber has
 * told its GZS that it acts under it. The way of that word is in it too.
 */
export async function tableChange(whole: Whole, { moves }: { moves: number }): Promise<Measured> {
  const before = busy()
  const urls = Object.entries(whole.env).flatMap(([name, url]) => (name.endsWith('_GZS_URL') ? [new URL(url)] : []))
  if (urls.length === 0) throw new Error('no GZS has an address')
  const gzs = new GzsClient(urls.map(({ hostname, port }) => ({ host: hostname, port: Number(port) })))
  const signal = AbortSignal.timeout(limitMs)
  const seen = new Map<string, Seen[]>()
  const end = new AbortController()
  const watching = Promise.all(urls.map((url) => watch(url.origin, seen, end.signal)))
  const { version: first, shards } = await gzs.table(signal)
  const home = shards.find(({ shard }) => shard === moved)?.zone
  for (let index = 0; index < moves; index++) {
    const to = (home === 'bj') === (index % 2 === 0) ? 'sh' : 'bj'
    await moveShard({ gzs, request: { shard: moved, to, mode: 'planned', who: 'bench', why: 'bench' }, signal })
    await sleep(betweenMs)
  }
  await sleep(settleMs)
  end.abort()
  await watching
  const changes = (await gzs.history(signal)).filter(({ version }) => version > first)
  const delays = changes.map(({ version, atMs }) => [...seen.values()].map((acks) => delayOf(acks, version, atMs)))
  const slowest = delays.map((all) => Math.max(...all))
  return {
    figures: [
      atMost('a table change is acknowledged by every subscriber, p99', quantile(slowest, 0.99), 'ms', 300),
      merely('the same, p50', median(slowest), 'ms'),
      merely('by any one subscriber, p50', median(delays.flat()), 'ms'),
    ],
    load: [before, busy()],
    notes: { moves, changes: changes.length, subscribers: [...seen.keys()].sort(), gzs: urls.length },
  }
}

/** The first acknowledgement of this version or a later one. Infinity: never. */
function delayOf(acks: readonly Seen[], version: number, atMs: number): number {
  const times = acks.filter((ack) => ack.version >= version).map((ack) => ack.ackedAtMs)
  return Math.min(Number.POSITIVE_INFINITY, ...times) - atMs
}

async function watch(url: string, seen: Map<string, Seen[]>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const answer = await fetch(`${url}/subscribers?own=1`, { signal: AbortSignal.timeout(5_000) })
    const { subscribers } = subscribersAnswerSchema.parse(await answer.json())
    for (const { name, version, ackedAtMs, connected } of subscribers) {
      if (!connected || version === null || ackedAtMs === null) continue
      const acks = seen.get(name) ?? []
      seen.set(name, acks)
      if (acks.at(-1)?.version !== version) acks.push({ version, ackedAtMs })
    }
    await sleep(askEveryMs)
  }
}
