import { setTimeout as sleep } from 'node:timers/promises'
import type { Lane } from '../../testbed/drc/lanes.ts'
import type { DrcReport } from '../../testbed/drc/status.ts'
import { mustBe, type Proof } from '../proof.ts'
import { binlogsStopGrowing, nothingLostOrDoubled } from '../prove/binlogs.ts'
import { reportOf, Whole } from '../prove/whole.ts'

const kills = 50
const zones = ['bj', 'sh']
const loadSeconds = 40
const takeoverMs = 20_000

export const proof: Proof = {
  statement:
    '50 x kill -9 of relay and applier under load: 0 lost, 0 doubled; binlogs stop growing when load stops (no loop)',
  limitMs: 14 * 60_000,
  async see({ signal }) {
    await using whole = await Whole.up()
    let killed = 0
    const placed = { ok: 0, failed: 0, unknown: 0 }
    const takeovers: number[] = []
    while (killed < kills) {
      let loading = true
      const load = whole.load(30, loadSeconds).finally(() => {
        loading = false
      })
      while (loading && killed < kills) {
        // The first rounds show a takeover; then all that have a role go at once.
        const round = await killHolders(whole, takeovers.length < 3, signal)
        killed += round.killed
        if (round.takeoverMs !== null) takeovers.push(round.takeoverMs)
        await whole.run('start')
        await sleep(200, undefined, { signal })
      }
      const report = reportOf(await load)
      placed.ok += report.ok
      placed.failed += report.failed
      placed.unknown += report.unknown
    }
    const { equal } = await whole.run<{ equal: boolean }>('drc', 'verify')
    mustBe(equal, 'the zones differ')
    const written = await nothingLostOrDoubled(whole, zones, placed)
    const quietAfterMs = await binlogsStopGrowing(whole, zones, signal)
    return {
      killed,
      acknowledged: placed.ok,
      refused: placed.failed,
      withoutAnswer: placed.unknown,
      inBothZones: written,
      lost: 0,
      doubled: 0,
      losers: 0,
      takeoversMs: takeovers,
      binlogsQuietAfterMs: quietAfterMs,
    }
  },
}

/** kill -9 of every instance that is a relay or an applier now; if told so, waits until others are. */
async function killHolders(whole: Whole, isWaiting: boolean, signal: AbortSignal) {
  const before = await lanesOf(whole)
  const holders = new Set(before.flatMap(({ holder }) => holder ?? []))
  // Waiting means that one zone at a time loses its holders, and its other instance has to take over.
  const victims = [...holders].filter((holder) => !isWaiting || holder.startsWith('sh-'))
  const killed = victims.length === 0 ? [] : await whole.kill(new RegExp(`^(${victims.map(idOf).join('|')})$`))
  if (!isWaiting || killed.length === 0) return { killed: killed.length, takeoverMs: null }
  const beganMs = performance.now()
  const lost = before.filter(({ holder }) => holder !== null && victims.includes(holder))
  for (;;) {
    const now = await lanesOf(whole)
    const taken = lost.every(({ role, source, zone, holder }) =>
      now.some(
        (l) =>
          l.role === role && l.source === source && l.zone === zone && l.state === 'running' && l.holder !== holder,
      ),
    )
    const tookMs = Math.round(performance.now() - beganMs)
    // Where both instances had a role nobody is left to take over.
    if (taken || victims.length > 1) return { killed: killed.length, takeoverMs: taken ? tookMs : null }
    mustBe(tookMs < takeoverMs, `nobody has taken over from ${victims.join(', ')} after ${tookMs} ms`)
    await sleep(100, undefined, { signal })
  }
}

/** The data come with a verdict too: in between some lanes are nobody's. */
async function lanesOf(whole: Whole): Promise<readonly Lane[]> {
  const answer = await whole.cli.run('drc', 'status')
  return (answer.data as DrcReport | undefined)?.lanes ?? []
}

/** `sh-2` is the service `sh/drc-2`, `sh-1` is `sh/drc`. */
const idOf = (instance: string) =>
  instance.replace(/-(\d+)$/, (_, number) => (number === '1' ? '/drc' : `/drc-${number}`))
