import { mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { materialise } from '../runtimes/materialise.ts'
import { commandOf, type ServerHome } from '../servers/home.ts'
import { which } from '../servers/run.ts'
import { type KafkaSpec, portOf, type ZookeeperSpec } from '../topology/blueprint.ts'
import { homeOf, type StoreContext } from './context.ts'
import type { Launcher, Site } from './launch.ts'
import { lookUntilReady, type Probe } from './ready.ts'

/** A server that is started once for the classes it loads. */
export interface Rehearsal<S extends KafkaSpec | ZookeeperSpec> {
  readonly spec: S
  readonly launch: Launcher<S>
  readonly probe: Probe<S>
  readonly context: StoreContext
}

const serveMsMax = 60_000
const endMsMax = 30_000

/**
 * Makes a class-data archive: runs the server until it serves; at its end the JVM writes down the classes it had loaded,
 * and later ones map them instead of reading and checking them all again.
 */
export async function makeArchive<S extends KafkaSpec | ZookeeperSpec>(
  { spec, launch, probe, context }: Rehearsal<S>,
  archive: string,
  signal: AbortSignal,
): Promise<void> {
  const work = `${archive}.work`
  await rm(work, { recursive: true, force: true })
  try {
    await mkdir(work, { recursive: true, mode: 0o700 })
    const made = join(work, 'classes.jsa')
    const data = join(work, 'data')
    const planned = launch(spec, siteOf(spec, data, context), context)
    await materialise(planned, data, signal)
    await using server = await startJava(
      homeOf(context.homes, 'java'),
      [`-XX:ArchiveClassesAtExit=${made}`, ...planned.args],
      data,
    )
    const wait = AbortSignal.any([signal, server.ended, AbortSignal.timeout(serveMsMax)])
    await lookUntilReady(spec, probe, { credentials: context.credentials, everyMs: 50, signal: wait })
    await server.stop()
    signal.throwIfAborted()
    await rename(made, archive)
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

function siteOf(spec: KafkaSpec | ZookeeperSpec, dataDir: string, { homes }: StoreContext): Site {
  return {
    side: 'host',
    dataDir,
    root: (kind) => homeOf(homes, kind).root,
    files: (kind) => homeOf(homes, kind).jars,
    bind: (name) => {
      const port = portOf(spec, name)
      if (port === undefined) throw new TypeError(`${spec.id} has no port ${name}`)
      return port.host
    },
  }
}

interface RehearsingServer extends AsyncDisposable {
  /** Aborted when it ends, with its last words as the reason. */
  readonly ended: AbortSignal
  /** Ends it politely, so that it writes the archive. */
  stop(): Promise<void>
}

/**
 * Nothing may be left of it, whatever happens to ezone: where util-linux is at hand the kernel kills it with us, and
 * everywhere the JVM ends itself after two minutes.
 */
async function startJava(java: ServerHome, options: readonly string[], cwd: string): Promise<RehearsingServer> {
  const leash = await which('setpriv')
  const command = [...commandOf(java, 'java'), '-XX:SelfDestructTimer=2', ...options]
  const [file = '', ...args] = leash === null ? command : [leash, '--pdeathsig', 'KILL', ...command]
  const child = execa(file, args, {
    cwd,
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' },
    extendEnv: false,
    stdin: 'ignore',
    stdout: 'ignore',
    reject: false,
    forceKillAfterDelay: endMsMax,
  })
  const ended = new AbortController()
  const end = child.then(({ stderr, shortMessage }) => {
    const lastWords = stderr.trim().split('\n').slice(-3).join(' | ')
    ended.abort(new Error(lastWords || shortMessage || 'the server ended before it served'))
  })
  return {
    ended: ended.signal,
    stop: async () => {
      child.kill('SIGTERM')
      await end
    },
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL')
      await end
    },
  }
}
