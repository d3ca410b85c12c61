import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock } from '@ezone/sdk/clock'
import { PathProbe } from '../links/path-probe.ts'
import { pathsOf } from '../links/paths.ts'
import { groundBlueprint, LinkGround, serveRedis } from './link-ground.ts'

export interface HealRound {
  /** From the call that joins the link to the moment when every client had an answer. */
  readonly healMs: number
  /** What the control calls of cut and join took, first proxy to last. */
  readonly cutSkewMs: number
  readonly joinSkewMs: number
  readonly joinMs: number
  /** Proxies that hung and were built anew. */
  readonly rebuilt: number
  /** Longest that this process itself stood still meanwhile: a machine without time heals nothing. */
  readonly stallMs: number
}

const password = 'a-password-of-16-chars'

/**
 * Cuts a link between two real Redis, with clients on both sides that give up after 300 ms and dial again all the while,
 * and measures how long after the join all of them have an answer.
 */
export async function healRounds(options: {
  readonly places: Readonly<Record<'bj' | 'sh', number>>
  readonly rounds: number
  readonly cutMs: number
  readonly clients: number
}): Promise<readonly HealRound[]> {
  const doors = (['bj', 'sh'] as const).flatMap((place) =>
    [6379, 6380, 6381].map((port) => ({ place, name: `redis${port}`, protocol: 'redis' as const, port })),
  )
  const blueprint = groundBlueprint({ places: options.places, rttMs: 30, doors })
  const signal = AbortSignal.timeout(60_000 + options.rounds * (options.cutMs + 20_000))
  await using owned = new AsyncDisposableStack()
  const ground = owned.use(await LinkGround.start(blueprint))
  for (const spec of blueprint.specs)
    for (const port of spec.kind === 'redis' ? spec.ports : []) owned.use(await serveRedis(port.host, password))
  const driver = ground.driver('bj-sh')
  await driver.raise(signal)

  const across = pathsOf(blueprint).filter((path) => path.link !== null)
  const clients = across.flatMap((path) =>
    Array.from({ length: options.clients }, () => owned.use(new PathProbe(path, () => ({ password })))),
  )
  const rounds: HealRound[] = []
  for (let round = 0; round < options.rounds; round++) {
    await Promise.all(clients.map((client) => client.answers(5_000, signal)))
    const { skewMs: cutSkewMs } = await driver.cut({ id: `f${round}`, direction: null }, signal)
    const healed = new AbortController()
    let joining = Number.POSITIVE_INFINITY
    const seen = clients.map(async (client) => {
      while (!healed.signal.aborted) {
        if (await client.answers(300, signal)) {
          const atMs = systemClock.monotonicMs()
          if (atMs < joining) throw new Error('a client was answered while the link was cut')
          return atMs - joining
        }
      }
      return Number.POSITIVE_INFINITY
    })
    await sleep(options.cutMs, undefined, { signal })
    const stalls = monitorEventLoopDelay({ resolution: 10 })
    stalls.enable()
    joining = systemClock.monotonicMs()
    const giveUp = setTimeout(() => healed.abort(), 15_000)
    const { skewMs: joinSkewMs, tookMs: joinMs, rebuilt } = await driver.join(`f${round}`, signal)
    const times = await Promise.all(seen)
    clearTimeout(giveUp)
    stalls.disable()
    const stallMs = stalls.max / 1e6
    rounds.push({ healMs: Math.max(...times), cutSkewMs, joinSkewMs, joinMs, rebuilt: rebuilt.length, stallMs })
  }
  return rounds
}
