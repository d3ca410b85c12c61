/** `unknown` where nothing was measured: that is never taken for good. */
export type Judgement = 'ok' | 'bypassed' | 'slow' | 'unknown'

interface Taken {
  readonly askedRttMs: number
  /** null within a place. */
  readonly link: string | null
  /** null where the path did not answer. */
  readonly p50Ms: number | null
}

/** A link delays by a timer, so an answer never comes early; a tenth is for rounding. A bypass takes a fraction of this. */
const earlyShare = 0.9
/** What proxy and probe may add to the round trip of a link: 1.3-3 ms measured on two shared cores. */
const lateMs = 3
const lateShare = 0.1
/** Within a place there is no link to add anything. */
const withinMs = 1

/** Whether a path took the round trip that its link asks for. Pure. */
export function judge({ askedRttMs, link, p50Ms }: Taken): Judgement {
  if (p50Ms === null) return 'unknown'
  if (p50Ms < askedRttMs * earlyShare) return 'bypassed'
  const allowedMs = link === null ? withinMs : askedRttMs + Math.max(lateMs, askedRttMs * lateShare)
  return p50Ms > allowedMs ? 'slow' : 'ok'
}
