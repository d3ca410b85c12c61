import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, open } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock } from '@ezone/sdk/clock'
import { EzoneError } from '@ezone/sdk/errors'
import { commandOf, type ServerHome, type ServerKind } from '../../servers/home.ts'
import type { Launch, Site } from '../../stores/launch.ts'
import { childEnv } from '../../surroundings/env.ts'
import {
  endProcesses,
  identify,
  isStopped,
  type MarkedProcess,
  markedProcesses,
  marks,
  signalProcess,
  stillThere,
} from '../../surroundings/processes.ts'
import { portOf, type Spec } from '../../topology/blueprint.ts'
import { launchHash, materialise } from '../materialise.ts'
import type { Observed, Runtime } from '../runtime.ts'
import { tailFile } from './tail.ts'

export interface ProcessRuntimeOptions {
  /** Id of the testbed: the mark its processes carry. */
  readonly testbed: string
  /** State folder of the testbed; data lies in `data/<spec id>`, what a program prints in `logs/<spec id>.log`. */
  readonly folder: string
  readonly homes: ReadonlyMap<ServerKind, ServerHome>
  readonly launch: (spec: Spec, site: Site) => Launch
}

/**
 * Runs specs as ordinary child processes of the host: no root, no Docker. Each leads a process group of its own and
 * outlives whoever started it; what exists is always read from the kernel.
 */
export class ProcessRuntime implements Runtime {
  readonly name = 'process'
  readonly #options: ProcessRuntimeOptions

  constructor(options: ProcessRuntimeOptions) {
    this.#options = options
  }

  async prepare(): Promise<void> {
    await mkdir(join(this.#options.folder, 'logs'), { recursive: true, mode: 0o700 })
  }

  async observe(): Promise<readonly Observed[]> {
    const processes = await markedProcesses(this.#options.testbed)
    return processes.filter((p) => p.leader && p.spec.includes('/')).map(observed)
  }

  hashOf(spec: Spec): string {
    return launchHash(this.#options.launch(spec, this.#siteOf(spec, this.#dataDir(spec.id))))
  }

  async start(spec: Spec, signal: AbortSignal): Promise<Observed> {
    const running = (await this.observe()).find((o) => o.specId === spec.id)
    if (running) return running

    const dataDir = this.#dataDir(spec.id)
    const launch = this.#options.launch(spec, this.#siteOf(spec, dataDir))
    await materialise(launch, dataDir, signal)
    const hash = launchHash(launch)
    await using log = await this.#openLog(spec.id)
    const child = spawn(...this.#commandLine(launch), {
      cwd: dataDir,
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
      env: serverEnv(launch, spec, this.#options.testbed, hash),
    })
    await spawned(child, spec.id)
    child.unref()
    return this.#seen(spec.id, child.pid ?? 0, hash)
  }

  /** For a moment after the spawn the kernel shows no environment yet; a second `start` then must find it, not make a twin. */
  async #seen(specId: string, pid: number, hash: string): Promise<Observed> {
    for (;;) {
      const found = (await this.observe()).find((o) => o.pid === pid)
      if (found) return found
      // Gone already: whoever waits for it to be ready finds that out, and has its last lines.
      if ((await identify(pid)) === null)
        return { specId, running: false, launchHash: hash, pid, container: null, startedAtMs: 0 }
      await sleep(2)
    }
  }

  async isRunning(started: Observed): Promise<boolean> {
    if (started.pid === null) return false
    return (await identify(started.pid)) !== null
  }

  async isStopped(started: Observed): Promise<boolean> {
    return started.pid !== null && (await isStopped(started.pid))
  }

  async stop(specId: string, options: { readonly graceMs: number; readonly signal: AbortSignal }): Promise<void> {
    const processes = (await markedProcesses(this.#options.testbed)).filter((p) => p.spec === specId)
    const left = await endProcesses(processes, options)
    if (left.length > 0) throw stillThere(left)
  }

  async signal(specIds: readonly string[], name: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): Promise<number> {
    const meant = (await markedProcesses(this.#options.testbed)).filter((p) => specIds.includes(p.spec))
    const beginMs = systemClock.monotonicMs()
    for (const process of meant) signalProcess(process, name)
    return systemClock.monotonicMs() - beginMs
  }

  tail(specId: string, lines: number): Promise<readonly string[]> {
    return tailFile(this.#logPath(specId), lines)
  }

  async destroy(): Promise<void> {
    const processes = (await markedProcesses(this.#options.testbed)).filter((p) => p.pid !== process.pid)
    const left = await endProcesses(processes, { graceMs: 0 })
    if (left.length > 0) throw stillThere(left)
  }

  #commandLine(launch: Launch): [string, string[]] {
    if (launch.program === null) return [process.execPath, [...launch.args]]
    const [file, ...args] = commandOf(this.#home(launch.program.kind), launch.program.name)
    return [file, [...args, ...launch.args]]
  }

  #siteOf(spec: Spec, dataDir: string): Site {
    return {
      side: 'host',
      dataDir,
      root: (kind) => this.#home(kind).root,
      bind: (name) => {
        const port = portOf(spec, name)
        if (port === undefined) throw new TypeError(`${spec.id} has no port ${name}`)
        return port.host
      },
      files: (kind) => this.#home(kind).jars,
    }
  }

  #home(kind: ServerKind): ServerHome {
    const home = this.#options.homes.get(kind)
    if (home === undefined) throw new TypeError(`no home was given for ${kind}`)
    return home
  }

  async #openLog(specId: string) {
    const path = this.#logPath(specId)
    await mkdir(join(path, '..'), { recursive: true, mode: 0o700 })
    return open(path, 'a', 0o600)
  }

  #dataDir = (specId: string) => join(this.#options.folder, 'data', specId)
  #logPath = (specId: string) => join(this.#options.folder, 'logs', `${specId}.log`)
}

function observed(process: MarkedProcess): Observed {
  return {
    specId: process.spec,
    running: true,
    launchHash: process.launchHash,
    pid: process.pid,
    container: null,
    startedAtMs: process.startedAtMs,
  }
}

/** A server sees a plain environment, whatever the user's shell holds; a service sees the user's own, as when debugging. */
function serverEnv(launch: Launch, spec: Spec, testbed: string, hash: string): NodeJS.ProcessEnv {
  const own = {
    ...launch.env,
    [marks.testbed]: testbed,
    [marks.spec]: spec.id,
    [marks.place]: spec.place,
    [marks.launch]: hash,
  }
  return spec.kind === 'service' ? childEnv(own) : { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC', ...own }
}

async function spawned(child: ChildProcess, specId: string): Promise<void> {
  try {
    await once(child, 'spawn')
  } catch (cause) {
    throw new EzoneError('EZ_SERVER_DIED', `${specId} could not be started: ${(cause as Error).message}`, { cause })
  }
}
