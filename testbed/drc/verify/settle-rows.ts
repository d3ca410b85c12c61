import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '@ezone/sdk/model'
import { type Round, Settling } from './settle.ts'
import type { TableShape } from './shape.ts'
import type { RowKey } from './sql.ts'
import { lacking } from './watermark.ts'
import type { ZoneReader } from './zone-reader.ts'

export interface Patience {
  /** So long rows on their way are waited for, as long as their zone comes nearer. */
  readonly withinMs: number
  /** A zone that comes no nearer for so long has stopped. */
  readonly stallMs: number
}

/** A zone that has not applied what another one wrote. */
export interface Behind {
  readonly zone: string
  readonly source: string
  readonly at: number
  readonly wanted: number
}

const pauseMs = { first: 10, most: 250 } as const

/** Looks at rows again and again until each is judged, or nothing comes any more. */
export async function settleRows(
  readers: readonly ZoneReader[],
  {
    shape,
    keys,
    patience,
  }: { readonly shape: TableShape; readonly keys: readonly RowKey[]; readonly patience: Patience },
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<{ readonly settling: Settling; readonly behind: readonly Behind[] }> {
  const settling = new Settling(keys.map(({ id }) => id))
  const beganMs = clock.monotonicMs()
  let nearerMs = beganMs
  let known = ''
  for (let pause: number = pauseMs.first; ; pause = Math.min(pauseMs.most, pause * 1.5)) {
    const open = new Set(settling.open)
    const still = keys.filter(({ id }) => open.has(id))
    const round = await Promise.all(readers.map((reader) => reader.look(shape, still)))
    settling.add(round)
    if (settling.open.length === 0) return { settling, behind: [] }
    const behind = whoLacks(settling.bases, round)
    const nowMs = clock.monotonicMs()
    const now = JSON.stringify(behind)
    if (now !== known) nearerMs = nowMs
    known = now
    if (nowMs - beganMs >= patience.withinMs || nowMs - nearerMs >= patience.stallMs) return { settling, behind }
    await sleep(pause, undefined, { signal })
  }
}

function whoLacks(bases: readonly Round[], now: Round): readonly Behind[] {
  const found = new Map<string, Behind>()
  for (const then of bases.flat())
    for (const { zone, has } of now)
      for (const { server, at, wanted } of zone === then.zone ? [] : lacking(has, then.mayHave)) {
        const source = server.split('/')[0] ?? ''
        const known = found.get(`${zone}<${server}`)
        if (known === undefined || known.wanted < wanted) found.set(`${zone}<${server}`, { zone, source, at, wanted })
      }
  return [...found.values()]
}
