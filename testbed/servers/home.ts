/** The servers ezone runs. `java` is not started itself, but Kafka and ZooKeeper run on it. */
export const serverKinds = ['mysql', 'redis', 'java', 'kafka', 'zookeeper', 'toxiproxy', 'k6'] as const
export type ServerKind = (typeof serverKinds)[number]

/**
 * Where a server's files are and how its programs are run. A home is complete: it brings its own loader and libraries
 * where it came as a tree of packages, so it runs on any Linux of the same architecture and makes a container image as it is.
 */
export interface ServerHome {
  readonly kind: ServerKind
  readonly version: string
  /** `path`, `packages:debian`, `packages:maven`, `packages:go`, `url:…`, `image:…`: told by `ezone servers list`. */
  readonly source: string
  readonly licence: string
  /** Absolute folder on this host. */
  readonly root: string
  /** Program name -> path below root: `{ mysqld: 'usr/sbin/mysqld' }`. Empty for a set of jars. */
  readonly programs: Readonly<Record<string, string>>
  /** Present where the libraries came along: the dynamic loader and library folders, below root. */
  readonly loader: { readonly path: string; readonly libraries: readonly string[] } | null
  /** Jars, relative to root, for the class path. */
  readonly jars: readonly string[]
}

/** The command that runs a program of a home as a host process; `argv0` keeps its own name where the loader starts it. */
export function commandOf(home: ServerHome, program: string): readonly [string, ...string[]] {
  const path = home.programs[program]
  if (path === undefined) throw new TypeError(`${home.kind} ${home.version} has no program ${program}`)
  const binary = `${home.root}/${path}`
  if (home.loader === null) return [binary]
  const libraries = home.loader.libraries.map((folder) => `${home.root}/${folder}`).join(':')
  return [`${home.root}/${home.loader.path}`, '--library-path', libraries, '--argv0', program, binary]
}
