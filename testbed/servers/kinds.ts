import type { ServerKind } from './home.ts'

/** What ezone knows about a kind of server, whatever source it comes from. */
export interface ServerFacts {
  /** Versions ezone was tried with; any other is refused, because configuration and formats depend on it. */
  readonly accepts: RegExp
  /** The same for people. */
  readonly wants: string
  /** SPDX expression. */
  readonly licence: (version: string) => string
  /** Programs a home must have, by file name. Empty for a set of jars. */
  readonly programs: readonly string[]
  /** Names that publishers give them in their images. */
  readonly alsoCalled?: Readonly<Record<string, string>>
  /** How it says its version: a program with arguments, or the file name of a jar. */
  readonly version:
    | { readonly program: string; readonly args: readonly string[]; readonly says: RegExp }
    | { readonly jar: RegExp }
  /** Room that fetching needs at its peak, downloads and build caches included. */
  readonly roomBytes: number
}

const MiB = 1024 * 1024
const apache = () => 'Apache-2.0'

export const kinds: Readonly<Record<ServerKind, ServerFacts>> = {
  mysql: {
    accepts: /^(9\.7|8\.4)\./,
    wants: '9.7 or 8.4',
    licence: () => 'GPL-2.0-only',
    programs: ['mysqld'],
    version: { program: 'mysqld', args: ['--no-defaults', '--version'], says: /\bVer ([\d.]+)/ },
    roomBytes: 300 * MiB,
  },
  redis: {
    accepts: /^([7-9]|\d\d)\./,
    wants: '7 or newer',
    licence: redisLicence,
    programs: ['redis-server', 'redis-cli'],
    version: { program: 'redis-server', args: ['--version'], says: /\bv=([\d.]+)/ },
    roomBytes: 80 * MiB,
  },
  java: {
    accepts: /^21(\.|$)/,
    wants: '21 (class-data archives and images depend on it)',
    licence: () => 'GPL-2.0-only WITH Classpath-exception-2.0',
    programs: ['java', 'keytool'],
    version: { program: 'java', args: ['-XX:-UsePerfData', '-version'], says: /\bversion "(\d[\d.]*)/ },
    roomBytes: 350 * MiB,
  },
  kafka: {
    accepts: /^4\.3\./,
    wants: '4.3',
    licence: apache,
    programs: [],
    version: { jar: /^kafka_2\.13-(\d[\d.]*)\.jar$/ },
    roomBytes: 180 * MiB,
  },
  zookeeper: {
    accepts: /^3\.9\./,
    wants: '3.9',
    licence: apache,
    programs: [],
    version: { jar: /^zookeeper-(\d[\d.]*)\.jar$/ },
    roomBytes: 80 * MiB,
  },
  toxiproxy: {
    accepts: /^2\.12\./,
    wants: '2.12',
    licence: () => 'MIT',
    programs: ['toxiproxy-server'],
    alsoCalled: { 'toxiproxy-server': 'toxiproxy' },
    version: { program: 'toxiproxy-server', args: ['-version'], says: /\bversion v?(\d[\d.]*)/ },
    roomBytes: 500 * MiB,
  },
  k6: {
    accepts: /^1\./,
    wants: '1.x',
    licence: () => 'AGPL-3.0-only',
    programs: ['k6'],
    version: { program: 'k6', args: ['version'], says: /\bv(\d[\d.]*)/ },
    roomBytes: 1800 * MiB,
  },
}

/** Redis changed its licence twice: 7.4 left BSD, 8.0 added the AGPL. */
function redisLicence(version: string): string {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major >= 8) return 'AGPL-3.0-only'
  return major === 7 && minor >= 4 ? 'LicenseRef-RSALv2 OR SSPL-1.0' : 'BSD-3-Clause'
}
