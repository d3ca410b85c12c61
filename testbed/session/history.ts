import { appendFile, mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** One start of a testbed, kept beyond its end so that starts can be compared. */
export interface StartTime {
  readonly at: string
  readonly name: string
  readonly runtime: string
  /** `fresh`: empty data; `warm`: data was there. */
  readonly data: 'fresh' | 'kept'
  readonly servers: number
  readonly readyMs: number
  readonly criticalPath: readonly string[]
}

const rememberedMax = 10
const slowerBy = 0.2

const fileOf = (stateFolder: string) => join(stateFolder, 'starts.ndjson')

export async function rememberStart(stateFolder: string, start: StartTime): Promise<void> {
  await mkdir(stateFolder, { recursive: true, mode: 0o700 })
  await appendFile(fileOf(stateFolder), `${JSON.stringify(start)}\n`, { mode: 0o600 })
}

export async function pastStarts(stateFolder: string): Promise<readonly StartTime[]> {
  const text = await readFile(fileOf(stateFolder), 'utf8').catch(() => '')
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as StartTime)
}

/**
 * How much slower a start was than the median of the last ten of its kind: 0.25 is 25 %. Null where that is not above
 * 20 %, or where fewer than three are there to compare with. Pure.
 */
export function slowdown(
  start: StartTime,
  past: readonly StartTime[],
): { readonly medianMs: number; readonly by: number } | null {
  const alike = past
    .filter((p) => p.runtime === start.runtime && p.data === start.data && p.servers === start.servers)
    .slice(-rememberedMax)
  if (alike.length < 3) return null
  const sorted = alike.map((p) => p.readyMs).sort((a, b) => a - b)
  const medianMs = sorted[sorted.length >> 1] ?? start.readyMs
  const by = start.readyMs / medianMs - 1
  return by > slowerBy ? { medianMs, by } : null
}
