import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { EzoneError } from '@ezone/sdk/errors'
import type { Entry } from './history.ts'

const bufferedMax = 64 * 1024
const flushEveryMs = 250

/**
 * Appends the entries of a run to its file. A little is gathered before it is written: who is killed leaves all but the
 * last quarter of a second. It is written in place, so that the buffer has a bound whatever the disk does.
 *
 * A disk that is full must not end the run that is recorded: the first failure is kept, and told by `close`.
 */
export class HistoryWriter implements Disposable {
  readonly path: string
  readonly #file: number
  readonly #timer: NodeJS.Timeout
  #lines: string[] = []
  #buffered = 0
  #failure: EzoneError | null = null
  #closed = false

  /** @throws EZ_STATE_UNREADABLE where the file is there already or cannot be made */
  constructor(path: string) {
    this.path = path
    try {
      mkdirSync(dirname(path), { recursive: true })
      this.#file = openSync(path, 'ax', 0o600)
    } catch (cause) {
      throw failureOf(path, cause)
    }
    this.#timer = setInterval(() => this.flush(), flushEveryMs).unref()
  }

  append(entry: Entry): void {
    if (this.#closed || this.#failure !== null) return
    const line = `${JSON.stringify(entry)}\n`
    this.#lines.push(line)
    this.#buffered += line.length
    if (this.#buffered >= bufferedMax) this.flush()
  }

  flush(): void {
    if (this.#lines.length === 0 || this.#failure !== null) return
    const bytes = Buffer.from(this.#lines.join(''))
    this.#lines = []
    this.#buffered = 0
    try {
      for (let written = 0; written < bytes.length; ) written += writeSync(this.#file, bytes, written)
    } catch (cause) {
      this.#failure = failureOf(this.path, cause)
    }
  }

  /** May be called again. @throws EZ_NO_DISK, EZ_STATE_UNREADABLE where something could not be written */
  close(): void {
    if (!this.#closed) {
      clearInterval(this.#timer)
      this.flush()
      this.#closed = true
      closeSync(this.#file)
    }
    if (this.#failure !== null) throw this.#failure
  }

  /** What could not be written was told by `close`; whoever comes here has another error to tell. */
  [Symbol.dispose](): void {
    try {
      this.close()
    } catch {}
  }
}

function failureOf(path: string, cause: unknown): EzoneError {
  const { code, message } = cause as NodeJS.ErrnoException
  const full = code === 'ENOSPC' || code === 'EDQUOT'
  return new EzoneError(full ? 'EZ_NO_DISK' : 'EZ_STATE_UNREADABLE', `${path} cannot be written: ${message}`, { cause })
}
