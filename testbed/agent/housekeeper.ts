import { copyFile, readdir, rename, stat, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Testbed } from '../session/testbed.ts'
import { keepHouse } from '../stores/housekeeping.ts'
import type { NewEvent } from './events.ts'

const everyMs = 30_000
const roundMs = 20_000
/** Per server or service: the file being written, and one before it. */
const logBytesMax = 8 * 1024 * 1024

/** Keeps what a testbed writes within limits while it runs: the logs of its programs, and the binlogs of its MySQLs. */
export class Housekeeper implements AsyncDisposable {
  readonly #testbed: Testbed
  readonly #tell: (event: NewEvent) => void
  readonly #stop = new AbortController()
  readonly #loop: Promise<void>
  /** Told once each, not every half minute. */
  readonly #told = new Set<string>()

  constructor(testbed: Testbed, tell: (event: NewEvent) => void) {
    this.#testbed = testbed
    this.#tell = tell
    this.#loop = this.#keep()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await this.#loop
  }

  async #keep(): Promise<void> {
    const { signal } = this.#stop
    while (!signal.aborted) {
      await sleep(everyMs, undefined, { signal }).catch(() => undefined)
      if (!signal.aborted) await this.#round(signal).catch((error) => this.#tellOnce((error as Error).message))
    }
  }

  async #round(signal: AbortSignal): Promise<void> {
    await limitLogs(join(this.#testbed.folder, 'logs'), logBytesMax)
    const { blueprint, credentials } = this.#testbed
    await keepHouse(blueprint.specs, {
      credentials,
      signal: AbortSignal.any([signal, AbortSignal.timeout(roundMs)]),
    })
  }

  #tellOnce(text: string): void {
    if (this.#told.has(text)) return
    this.#told.add(text)
    this.#tell({ type: 'warning', text: `housekeeping: ${text}` })
  }
}

/**
 * Cuts log files that grew too large. Their programs hold them open for appending, so the file itself is emptied after
 * its content was copied aside; a line printed in between may be lost, which for a log is better than a full disk.
 */
export async function limitLogs(folder: string, bytesMax: number): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => [])
  for (const entry of entries) {
    if (!entry.isFile() || !entry.name.endsWith('.log')) continue
    const path = join(entry.parentPath, entry.name)
    const size = await stat(path).then(
      (s) => s.size,
      () => 0,
    )
    if (size <= bytesMax) continue
    await copyFile(path, `${path}.new`)
    await rename(`${path}.new`, `${path}.1`)
    await truncate(path, 0)
  }
}
