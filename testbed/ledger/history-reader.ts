import { createReadStream } from 'node:fs'
import { EzoneError } from '@ezone/sdk/errors'
import { z } from 'zod'
import { type Entry, entrySchema, type History } from './history.ts'

/** A history, and the number of its last line where that was cut off: whoever wrote it was killed. Else null. */
export type ReadHistory = History & { readonly cutOffLine: number | null }

/**
 * Reads what a run has written. What a killed run leaves, a line without its end, is left out and told; it also lacks
 * the `end`. Anything else that does not fit is an error with its line.
 *
 * @throws EZ_HISTORY_INVALID
 */
export async function readHistory(path: string): Promise<ReadHistory> {
  const entries: Record<Entry['type'], Entry[]> = emptyHistory()
  let number = 0
  let last: Entry['type'] | null = null
  let cutOffLine: number | null = null
  for await (const { text, whole } of linesOf(path)) {
    number++
    const json = parseJson(text)
    if (!whole && json === undefined) {
      cutOffLine = number
      break
    }
    const entry = entryOf(path, number, json)
    if ((entry.type === 'begin') !== (last === null))
      throw invalid(path, number, last === null ? `begins with ${entry.type}, not with begin` : 'begins a second time')
    if (last === 'end') throw invalid(path, number, `has ${entry.type} after the end`)
    entries[entry.type].push(entry)
    last = entry.type
  }
  if (last === null) throw invalid(path, Math.max(number, 1), 'has no entry')
  return { ...(entries as unknown as History), cutOffLine }
}

/** A history in which nothing has happened yet. */
function emptyHistory(): Record<Entry['type'], Entry[]> {
  const types = entrySchema.options.map(({ shape }) => shape.type.value)
  return Object.fromEntries(types.map((type) => [type, []])) as unknown as Record<Entry['type'], Entry[]>
}

function entryOf(path: string, line: number, json: unknown): Entry {
  if (json === undefined) throw invalid(path, line, 'is not JSON')
  const parsed = entrySchema.safeParse(json)
  if (parsed.success) return parsed.data
  throw invalid(path, line, z.prettifyError(parsed.error).replaceAll('\n', ' '))
}

async function* linesOf(path: string): AsyncGenerator<{ readonly text: string; readonly whole: boolean }> {
  let rest = ''
  try {
    for await (const chunk of createReadStream(path, 'utf8') as AsyncIterable<string>) {
      const lines = (rest + chunk).split('\n')
      rest = lines.pop() ?? ''
      for (const text of lines) yield { text, whole: true }
    }
  } catch (cause) {
    throw new EzoneError('EZ_HISTORY_INVALID', `${path} cannot be read: ${(cause as Error).message}`, { cause })
  }
  if (rest !== '') yield { text: rest, whole: false }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const invalid = (path: string, line: number, what: string) =>
  new EzoneError('EZ_HISTORY_INVALID', `${path}:${line} ${what}`)
