import { mkdir, rename } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { env } from '../../surroundings/env.ts'
import type { ServerKind } from '../home.ts'
import { run, which } from '../run.ts'
import type { Source } from '../source.ts'

interface Module {
  readonly path: string
  readonly version: string
  /** The program's name, and what `go install` calls it. */
  readonly program: string
  readonly built: string
  /** Variable that holds the version in the program, where it does not know it by itself. */
  readonly versionVariable: string | null
}

const modules: Readonly<Partial<Record<ServerKind, Module>>> = {
  toxiproxy: {
    path: 'github.com/Shopify/toxiproxy/v2/cmd/server',
    version: '2.12.0',
    program: 'toxiproxy-server',
    built: 'server',
    versionVariable: 'github.com/Shopify/toxiproxy/v2.Version',
  },
  k6: { path: 'go.k6.io/k6', version: '1.8.1', program: 'k6', built: 'k6', versionVariable: null },
}

/** Toxiproxy and k6, built by the machine's Go; the toolchain checks every module against the checksum database. */
export function goSource(): Source {
  return {
    name: 'packages:go',
    offers: (kind) => modules[kind] !== undefined,
    obstacle: async () => ((await which('go')) === null ? 'no go on PATH' : null),
    async fetch(kind, into, ground) {
      const module = modules[kind]
      if (module === undefined) throw new Error(`no Go module is known for ${kind}`)
      const scratch = join(ground.scratch, `go-${kind}`)
      const bin = join(into, 'bin')
      await mkdir(bin)
      await mkdir(scratch, { recursive: true })
      ground.report(`building ${module.path}@v${module.version}`)
      const stamp = module.versionVariable === null ? '' : ` -X ${module.versionVariable}=${module.version}`
      await run(
        'go',
        ['install', '-modcacherw', '-trimpath', `-ldflags=-s -w${stamp}`, `${module.path}@v${module.version}`],
        {
          signal: ground.signal,
          deadlineMs: 600_000,
          env: {
            ...ground.marker,
            GOPATH: join(scratch, 'path'),
            GOMODCACHE: join(scratch, 'modules'),
            GOCACHE: join(scratch, 'cache'),
            GOTMPDIR: scratch,
            // Its counters go with the scratch folder; its settings are still the user's.
            XDG_CONFIG_HOME: join(scratch, 'config'),
            GOENV: env('GOENV') ?? join(env('XDG_CONFIG_HOME') ?? join(homedir(), '.config'), 'go/env'),
            GOBIN: bin,
            // Static: the same file must run in an empty container image.
            CGO_ENABLED: '0',
          },
        },
      )
      if (module.built !== module.program) await rename(join(bin, module.built), join(bin, module.program))
      return { files: true }
    },
  }
}
