import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { env } from './env.ts'

/** Where ezone keeps things. All of it lies in two folders, so that `uninstall` can name everything it removes. */
export interface Folders {
  /** Servers and templates, shared by all testbeds of this user. */
  readonly cache: string
  /** One folder per testbed, and the history of start times. */
  readonly state: string
}

export function folders(): Folders {
  return {
    cache: resolve(env('EZONE_CACHE_DIR') ?? join(env('XDG_CACHE_HOME') ?? join(homedir(), '.cache'), 'ezone')),
    state: resolve(
      env('EZONE_STATE_DIR') ?? join(env('XDG_STATE_HOME') ?? join(homedir(), '.local', 'state'), 'ezone'),
    ),
  }
}

/** The root of this package: three folders up when built (dist/testbed/session), two from source. */
export const packageRoot: string = ((here) => {
  const up = dirname(dirname(here))
  return up.endsWith('/dist') ? dirname(up) : up
})(import.meta.dirname)

/** True where the program runs from its TypeScript sources. */
export const fromSource: boolean = import.meta.filename.endsWith('.ts')
