/** What a code means for whoever runs ezone. `docs/errors.md` has one section per code; a test keeps both equal. */
export interface CatalogueEntry {
  /** Exit code of the CLI when this error ends a command. */
  readonly exit: 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 130
  /** True where the same call may succeed later without anybody changing anything. */
  readonly retryable: boolean
  /** The next step, as a sentence. */
  readonly hint: string
}
