import type { ServerHome, ServerKind } from './home.ts'

/**
 * Where a server can come from. One source answers for one entry of the user's `sources`, or for one package client
 * behind the entry `packages`.
 */
export interface Source {
  /** `path`, `packages:debian`, `packages:maven`, `packages:go`, `url:…`, `image:…`. */
  readonly name: string
  /** Whether it could ever have this kind. */
  offers(kind: ServerKind): boolean
  /** Why it cannot help on this machine now; null where it can. Cheap: no network. */
  obstacle(signal: AbortSignal): Promise<string | null>
  /**
   * Puts the server into the empty folder `into`, or finds one that is already somewhere else.
   * A failure is thrown with a reason in one sentence; nothing outside `into` and `ground.scratch` is touched.
   */
  fetch(kind: ServerKind, into: string, ground: Ground): Promise<Found>
}

/** What a source is given to work with. */
export interface Ground {
  /** Empty folder for downloads and build caches, shared by all fetches of one `provide`; removed afterwards. */
  readonly scratch: string
  /** Kinds wanted in this run: a package client may fetch them in one go. */
  readonly wanted: readonly ServerKind[]
  /** Environment that every child program carries, so that a testbed finds its own again. */
  readonly marker: Readonly<Record<string, string>>
  readonly signal: AbortSignal
  report(text: string): void
}

/** `files`: lies in `into` now, to be surveyed and kept in the cache. `home`: stays where it is, never cached. */
export type Found = { readonly files: true } | { readonly files: false; readonly home: ServerHome }
