import type { Address } from '@ezone/sdk/model'
import type { ServerKind } from '../servers/home.ts'
import type { Side, Spec } from '../topology/blueprint.ts'
import type { StoreContext } from './context.ts'

/**
 * A launch: how one spec is started, as data. The same launch is run as a child process or as a container;
 * only the paths in it differ, and those come from the Site.
 */
export interface Launch {
  /** Which server program: resolved against the server's home by the runtime. Null: our own service, run by Node. */
  readonly program: { readonly kind: ServerKind; readonly name: string } | null
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** Written before each start, relative to the data folder. Mode 0600. */
  readonly files: readonly { readonly path: string; readonly text: string }[]
  /** How to fill `into` (relative to the data folder) when that does not exist yet; run on the host in both runtimes. */
  readonly seed: { readonly into: string; readonly make: (folder: string, signal: AbortSignal) => Promise<void> } | null
  /** How long a polite stop may take before it is killed. */
  readonly stopGraceMs: number
}

/** What a launch is told about the ground it will stand on. Paths are as the started program will see them. */
export interface Site {
  readonly side: Side
  /** Its data folder: an absolute host path, or `/data` in a container. */
  readonly dataDir: string
  /** Root folder of a server's files as the program sees it (jar folders, share folders). */
  root(kind: ServerKind): string
  /** Address to bind: the spec's own on the host, 0.0.0.0 is never used; in a container its network address. */
  bind(port: string): Address
  /** Class path jars and similar: file names below `root(kind)`. */
  files(kind: ServerKind): readonly string[]
}

export type Launcher<S extends Spec> = (spec: S, site: Site, context: StoreContext) => Launch
