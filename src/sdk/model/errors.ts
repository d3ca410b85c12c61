import { type CatalogueEntry, catalogue, type ErrorCode } from './catalogue.ts'

/**
 * The one error class of ezone. Its code comes from the catalogue, which also gives exit code and hint;
 * its message says what happened and why, in one sentence, with the names and numbers of this case.
 *
 * The fields `code`, `suggestions`, `ref` and `oclif` are what oclif's pretty printer reads.
 */
export class EzoneError extends Error {
  override readonly name = 'EzoneError'
  readonly code: ErrorCode
  readonly retryable: boolean
  readonly suggestions: readonly string[]
  readonly ref: string
  readonly oclif: { readonly exit: number }

  /** @param options.hint replaces the catalogue's hint when this case has a better next step. */
  constructor(code: ErrorCode, message: string, options: { cause?: unknown; hint?: string } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    const entry: CatalogueEntry = catalogue[code]
    this.code = code
    this.retryable = entry.retryable
    this.suggestions = [options.hint ?? entry.hint]
    this.ref = `docs/errors.md#${code.toLowerCase()}`
    this.oclif = { exit: entry.exit }
  }

  get hint(): string {
    return this.suggestions[0] ?? ''
  }

  /** Decide by code, never by prose. Works across two copies of this module. */
  static is(error: unknown, code?: ErrorCode): error is EzoneError {
    return (
      error instanceof Error &&
      error.name === 'EzoneError' &&
      (code === undefined || (error as EzoneError).code === code)
    )
  }

  /** What is put on a wire or into the JSON envelope; credentials never belong in a message. */
  toJSON(): { code: ErrorCode; message: string; cause: string | null; hint: string; docs: string } {
    return { code: this.code, message: this.message, cause: causeOf(this.cause), hint: this.hint, docs: this.ref }
  }

  /** The other half of toJSON: an error that crossed a process border is the same error again. */
  static from(wire: { code: string; message: string; cause?: string | null; hint?: string }): EzoneError {
    const code = wire.code in catalogue ? (wire.code as ErrorCode) : 'EZ_BUG'
    const cause = wire.cause ? new Error(wire.cause) : undefined
    return new EzoneError(code, wire.message, { ...(cause && { cause }), ...(wire.hint && { hint: wire.hint }) })
  }
}

/** The causes below an error as one line, nearest first; null where there is none. */
function causeOf(cause: unknown): string | null {
  if (cause === undefined || cause === null) return null
  if (cause instanceof AggregateError)
    return cause.errors.map((e) => (e instanceof Error ? e.message : String(e))).join('; ')
  if (!(cause instanceof Error)) return String(cause)
  const deeper = causeOf(cause.cause)
  return deeper === null ? cause.message : `${cause.message}: ${deeper}`
}
