import type { ServerHome, ServerKind } from '../servers/home.ts'
import type { Credentials } from './credentials.ts'

/** What a store is started with besides its spec: the same for all stores of a testbed. */
export interface StoreContext {
  readonly credentials: Credentials
  readonly homes: ReadonlyMap<ServerKind, ServerHome>
  readonly templates: Templates
}

/** What was prepared once in the cache, for all testbeds. Host paths: seeds are made on the host in both runtimes. */
export interface Templates {
  /** Data folder of a MySQL that was initialised and never used: no binlog, no identity, no account that can log in. */
  readonly mysql: string
  /** Log folder of a Kafka that was formatted and never started. */
  readonly kafka: string
  /** Class-data archives; null where none could be made: the start is slower then, nothing else. */
  readonly archives: Readonly<Record<JavaStore, string | null>>
}

export type JavaStore = 'kafka' | 'zookeeper'

/** @throws TypeError for a kind no home was found for: the caller provides homes before it asks for a launch. */
export function homeOf(homes: ReadonlyMap<ServerKind, ServerHome>, kind: ServerKind): ServerHome {
  const home = homes.get(kind)
  if (home === undefined) throw new TypeError(`no home was given for ${kind}`)
  return home
}
