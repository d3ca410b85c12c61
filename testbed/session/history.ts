import { appendFile, mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** One start of a testbed, kept beyond its end so that starts can be compared. */
export interface StartTime {
  readonly at: string
  readonly name: string
  readonly runtime: string
  /** `fresh`: empty data; `warm`: data was there. */
  readonly data: 'fresh' | 'kept'
  readonly servers: number
  /** From the command to the last measured path. */
  readonly readyMs: number
  /** How much of that went into finding or fetching servers and making templates: not compared. */
  readonly equipMs: number
  readonly criticalPath: readonly string[]
  readonly times: readonly { readonly id: string; readonly beginMs: number; readonly endMs: number }[]
}

/** A line that was cut off (a full disk, a crash) is one start less to compare with, nothing more. */
function parsed(line: string): readonly StartTime[] {
  try {
    return line === '' ? [] : [JSON.parse(line) as StartTime]
  } catch {
    return []
  }
}

const rememberedMax = 10
/** Lines of the file; each is about 2 kB. */
const keptMax = 200
const slowerBy = 0.2

const fileOf = (stateFolder: string) => join(stateFolder, 'starts.ndjson')

export async function rememberStart(stateFolder: string, start: StartTime): Promise<void> {
  await mkdir(stateFolder, { recursive: true, mode: 0o700 })
  const path = fileOf(stateFolder)
  await appendFile(path, `${JSON.stringify(start)}\n`, { mode: 0o600 })
  const lines = (await readFile(path, 'utf8')).split('\n')
  if (lines.length <= 2 * keptMax) return
  await writeFile(`${path}.new`, lines.slice(-keptMax).join('\n'), { mode: 0o600 })
  await rename(`${path}.new`, path)
}

export async function pastStarts(stateFolder: string): Promise<readonly StartTime[]> {
  const text = await readFile(fileOf(stateFolder), 'utf8').catch(() => '')
  return text.split('\n').flatMap((line) => parsed(line))
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
  const ownMs = ({ readyMs, equipMs }: StartTime) => readyMs - equipMs
  const sorted = alike.map(ownMs).sort((a, b) => a - b)
  const medianMs = sorted[sorted.length >> 1] ?? ownMs(start)
  const by = ownMs(start) / medianMs - 1
  return by > slowerBy ? { medianMs, by } : null
}
