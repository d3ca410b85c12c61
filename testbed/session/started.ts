import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** What the last successful start left to be shown later. Not the truth about what runs. */
export interface Started {
  readonly at: string
  readonly readyMs: number
  readonly criticalPath: readonly string[]
  /** How many servers and services it had. */
  readonly specs: number
  /** server kind -> version */
  readonly versions: Readonly<Record<string, string>>
}

const fileOf = (folder: string) => join(folder, 'started.json')

export async function writeStarted(folder: string, started: Started): Promise<void> {
  await writeFile(fileOf(folder), `${JSON.stringify(started, null, 2)}\n`, { mode: 0o600 })
}

export async function readStarted(folder: string): Promise<Started | null> {
  const text = await readFile(fileOf(folder), 'utf8').catch(() => null)
  if (text === null) return null
  try {
    return JSON.parse(text) as Started
  } catch {
    return null
  }
}
