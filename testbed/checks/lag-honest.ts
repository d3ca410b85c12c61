import type { EntryOf } from '../ledger/history.ts'
import { type Contradiction, define } from './define.ts'
import { pushTo } from './operations.ts'
import { at, seconds } from './words.ts'

type Sample = EntryOf<'lag'>

/** What replication claimed beside what it must have been; `under`: it claims to be further than it is. */
interface Off {
  readonly sample: Sample
  readonly way: 'under' | 'over'
  /** Alone it says enough. */
  readonly sure: boolean
  readonly text: string
}

/**
 * What replication says of its lag when a marker arrives is how long the marker took. A single claim may be off: while it
 * is asked for, a backlog gets shorter. Two in a row are not chance, and neither is a short lag claimed while a marker
 * was given up.
 */
export const lagHonest = define({
  name: 'lag-honest',
  statement: 'The lag that replication reports is the lag that markers measure',
  missing: ({ lag }) => (lag.length === 0 ? 'nobody measured the lag' : null),
  look({ lag }, { lagOffMs }) {
    const lanes = new Map<string, Sample[]>()
    for (const sample of lag) pushTo(lanes, `${sample.source}>${sample.target}`, sample)
    return {
      checked: lag.filter(({ claimedMs }) => claimedMs !== null).length,
      found: [...lanes.values()].flatMap((samples) => lies(samples, lagOffMs)),
    }
  },
})

function lies(lane: readonly Sample[], lagOffMs: number): readonly Contradiction[] {
  const offs = lane
    .toSorted((a, b) => a.atMs - b.atMs)
    .map((sample, index, all) => offOf(sample, all[index - 1], lagOffMs))
  return offs.flatMap((off, index) => {
    const before = offs[index - 1] ?? null
    if (off === null || !(off.sure || before?.way === off.way)) return []
    const story = () => (off.sure || before === null ? off.text : `${before.text}; ${off.text}`)
    return [{ ids: [], size: off.sure ? 1 : 2, story }]
  })
}

function offOf(sample: Sample, before: Sample | undefined, lagOffMs: number): Off | null {
  const { atMs, claimedMs, measuredMs, source, target } = sample
  if (claimedMs === null) return null
  const said = `${at(atMs)} ${target} said it was ${seconds(claimedMs)} behind ${source}`
  if (measuredMs === null) {
    // When it was made is not in the history: after the one before had come or been given up, and not much later.
    const leastMs = before === undefined ? 0 : (atMs - before.atMs) / 2
    if (claimedMs >= leastMs - lagOffMs) return null
    const text = `${said}, but a marker had been given up, more than ${seconds(leastMs)} after it was written`
    return { sample, way: 'under', sure: true, text }
  }
  if (Math.abs(claimedMs - measuredMs) <= lagOffMs) return null
  const way = claimedMs < measuredMs ? 'under' : 'over'
  return { sample, way, sure: false, text: `${said}, but a marker took ${seconds(measuredMs)}` }
}
