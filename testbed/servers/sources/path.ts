import { access, realpath } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import type { ServerHome, ServerKind } from '../home.ts'
import { kinds } from '../kinds.ts'
import { which } from '../run.ts'
import type { Found, Ground, Source } from '../source.ts'
import { accepted, versionOf } from '../survey.ts'

/** Servers the user already has on PATH. They stay where they are. Jar sets are on no PATH. */
export function pathSource(searchPath?: string): Source {
  return {
    name: 'path',
    offers: (kind) => kinds[kind].programs.length > 0,
    obstacle: async () => null,
    fetch: (kind, _into, ground) => find(kind, searchPath, ground),
  }
}

async function find(kind: ServerKind, searchPath: string | undefined, ground: Ground): Promise<Found> {
  const programs: Record<string, string> = {}
  for (const name of kinds[kind].programs) {
    const file = await which(name, searchPath)
    if (file === null) throw new Error(`no ${name} on PATH`)
    // Distributions put links to links here; the JVM finds its modules only from its real place.
    programs[name] = await realpath(file)
  }
  const home = {
    kind,
    version: '',
    source: 'path',
    licence: '',
    ...at(rootOf(programs), programs),
    loader: null,
    jars: [],
  }
  if (kind === 'mysql') await mustHaveShare(home)
  return { files: false, home: accepted({ ...home, version: await versionOf(home, ground.signal) }) }
}

/** The folder above `usr` where the programs lie in one, else the one above `bin`. */
function rootOf(programs: Readonly<Record<string, string>>): string {
  const first = Object.values(programs)[0] ?? '/'
  const above = dirname(dirname(first))
  return above.endsWith('/usr') ? dirname(above) : above
}

function at(root: string, programs: Readonly<Record<string, string>>): Pick<ServerHome, 'root' | 'programs'> {
  return { root, programs: Object.fromEntries(Object.entries(programs).map(([k, file]) => [k, relative(root, file)])) }
}

/** mysqld needs its messages and character sets, and ezone must tell it where they are. */
async function mustHaveShare(home: ServerHome): Promise<void> {
  const charsets = join(home.root, 'usr/share/mysql/charsets')
  await access(charsets).catch(() => {
    throw new Error(`${home.programs.mysqld} is there, but not ${charsets}`)
  })
}
