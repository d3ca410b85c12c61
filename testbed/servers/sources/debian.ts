import { join } from 'node:path'
import { bytesText } from '../../face/table.ts'
import type { ServerKind } from '../home.ts'
import { which } from '../run.ts'
import type { Ground, Source } from '../source.ts'
import { type IsolatedApt, isolatedApt, type PackageFile } from './apt.ts'
import { unpackPackages } from './tree.ts'

/** What to ask apt for, by kind. */
const packages: Readonly<Partial<Record<ServerKind, string>>> = {
  mysql: 'mysql-server-core',
  redis: 'redis-server',
  java: 'openjdk-21-jre-headless',
}

/**
 * Needed to install a package on a system, not to run the server in it: dpkg, perl, users, PAM, fonts of a desktop.
 * A server that misses one of them fails its survey, so a wrong line here is found at once.
 */
const notNeeded = new RegExp(
  `^(${[
    'adduser|base-.*|ca-certificates.*|cdebconf.*|debconf.*|debianutils|dpkg|java-common|login.*|mawk|openssl|passwd|sed|tar',
    'sysvinit.*|util-linux.*|init-system-helpers|install-info|perl.*|libperl.*|libgdbm.*|libdb5.*|libgconv.*|libc-gconv.*',
    'libaudit.*|libblkid.*|libbz2.*|libcap-ng.*|libdebconfclient.*|libfdisk.*|libmount.*|libpam.*|libsemanage.*|libsepol.*',
    'libsmartcols.*|libuuid.*|libcrypt1|libjpeg.*|liblcms2.*|libnspr.*|libnss3.*|netbase|lsb-base|procps|libproc2.*',
  ].join('|')})_`,
)

/** What one run of apt brought: per kind its package files, or why it has none. */
interface Haul {
  readonly archives: string
  readonly closures: ReadonlyMap<ServerKind, readonly PackageFile[] | Error>
}

/** MySQL, Redis and Java from Debian packages: one tree per server, with loader and libraries, for any Linux. */
export function debianSource(): Source {
  // The three share one index and one download: whoever comes first starts it.
  let haul: Promise<Haul> | undefined
  return {
    name: 'packages:debian',
    offers: (kind) => packages[kind] !== undefined,
    async obstacle() {
      for (const program of ['apt-get', 'apt-config', 'dpkg-deb', 'tar', 'bash']) {
        if ((await which(program)) === null) return `no ${program} on PATH`
      }
      return null
    },
    async fetch(kind, into, ground) {
      haul ??= fetchPackages(ground)
      const { archives, closures } = await haul
      const files = closures.get(kind) ?? new Error(`no package is known for ${kind}`)
      if (files instanceof Error) throw files
      const needed = files.filter((file) => !notNeeded.test(file.name))
      ground.report(`unpacking ${needed.length} packages`)
      const paths = needed.map((file) => join(archives, file.name))
      await unpackPackages(paths, into, ground)
      return { files: true }
    },
  }
}

async function fetchPackages(ground: Ground): Promise<Haul> {
  ground.report('reading the package index')
  const apt = await isolatedApt(join(ground.scratch, 'apt'), ground)
  const asked = ground.wanted.filter((kind) => packages[kind] !== undefined)
  // One by one, so that a package missing upstream costs its own server only.
  const closures = new Map(
    await Promise.all(asked.map(async (kind) => [kind, await closureOf(apt, packages[kind] ?? kind)] as const)),
  )
  const files = new Map(
    [...closures.values()].flatMap((c) => (c instanceof Error ? [] : c.map((f) => [f.name, f.bytes]))),
  )
  const bytes = files.values().reduce((total, size) => total + size, 0)
  ground.report(`downloading ${files.size} packages, ${bytesText(bytes)}`)
  const there = asked.filter((kind) => !(closures.get(kind) instanceof Error))
  return { archives: await apt.download(there.flatMap((kind) => packages[kind] ?? [])), closures }
}

function closureOf(apt: IsolatedApt, name: string): Promise<readonly PackageFile[] | Error> {
  return apt.closure([name]).catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))))
}
