import { access, constants } from 'node:fs/promises'
import { homedir, userInfo } from 'node:os'
import { join } from 'node:path'
import { EzoneError } from '@ezone/sdk/errors'
import type Docker from 'dockerode'
import { env } from '../../surroundings/env.ts'
import { refusal, statusOf } from './refusals.ts'

/** Limits of talking to an engine. Starting a container competes with its neighbours for the disk, hence the width. */
export const engineLimits = { connectMs: 5_000, callMs: 60_000, importMs: 300_000, pullMs: 600_000 } as const

/** One way to reach an engine. */
interface Door {
  /** As a person would write it into DOCKER_HOST. */
  readonly name: string
  /** Options for dockerode; none where it shall read DOCKER_HOST itself, with its TLS and ssh variables. */
  readonly options: { readonly socketPath: string } | undefined
}

/** An engine that answered. Every call through it ends: by its answer, its deadline or the caller's signal. */
export class Engine {
  readonly where: string
  readonly version: string
  readonly #docker: Docker

  constructor(docker: Docker, where: string, version: string) {
    this.#docker = docker
    this.where = where
    this.version = version
  }

  /**
   * Asks the engine for one thing. `what` completes "could not …" for people.
   *
   * @throws EZ_DOCKER_UNREACHABLE when it does not answer, EZ_DOCKER_REFUSED when it answers with an error
   *   (its HTTP status: `statusOf`), and the signal's own reason when that ended the call.
   */
  async call<T>(
    what: string,
    signal: AbortSignal,
    ask: (docker: Docker, abortSignal: AbortSignal) => Promise<T>,
    deadlineMs: number = engineLimits.callMs,
  ): Promise<T> {
    signal.throwIfAborted()
    const deadline = AbortSignal.timeout(deadlineMs)
    const either = AbortSignal.any([signal, deadline])
    try {
      return await ask(this.#docker, either)
    } catch (cause) {
      signal.throwIfAborted()
      if (deadline.aborted) {
        throw new EzoneError(
          'EZ_DOCKER_UNREACHABLE',
          `the Docker engine at ${this.where} did not ${what} within ${deadlineMs / 1000} s`,
          { cause },
        )
      }
      throw refusal(cause, what, this.where)
    }
  }

  /** The same, where "there is no such thing" is an answer: null. */
  async find<T>(
    what: string,
    signal: AbortSignal,
    ask: (docker: Docker, abortSignal: AbortSignal) => Promise<T>,
  ): Promise<T | null> {
    try {
      return await this.call(what, signal, ask)
    } catch (error) {
      if (statusOf(error) === 404) return null
      throw error
    }
  }
}

/**
 * The engine this user means: the one DOCKER_HOST names, and no other when it names one; else the first that answers of
 * the sockets engines are known to use.
 *
 * @throws EZ_DOCKER_UNREACHABLE whose cause is an AggregateError with the reason of every door tried.
 */
export async function connectEngine(signal: AbortSignal): Promise<Engine> {
  const reasons: Error[] = []
  for (const door of doors()) {
    try {
      return await connectThrough(door, signal)
    } catch (error) {
      signal.throwIfAborted()
      reasons.push(new Error(`${door.name}: ${reasonOf(error)}`, { cause: error }))
    }
  }
  throw new EzoneError('EZ_DOCKER_UNREACHABLE', 'no Docker engine answers', {
    cause: new AggregateError(reasons, reasons.map((reason) => reason.message).join('; ')),
  })
}

function doors(): readonly Door[] {
  const host = env('DOCKER_HOST')
  if (host !== undefined) return [{ name: host, options: undefined }]
  const runtimeFolder = env('XDG_RUNTIME_DIR') ?? `/run/user/${userInfo().uid}`
  const sockets = [
    '/var/run/docker.sock', // an engine of the whole machine
    join(runtimeFolder, 'docker.sock'), // a rootless one
    join(homedir(), '.docker', 'run', 'docker.sock'), // Docker Desktop
    join(homedir(), '.docker', 'desktop', 'docker.sock'), // the same, on Linux
  ]
  return sockets.map((socketPath) => ({ name: `unix://${socketPath}`, options: { socketPath } }))
}

async function connectThrough(door: Door, signal: AbortSignal): Promise<Engine> {
  if (door.options !== undefined) await access(door.options.socketPath, constants.R_OK | constants.W_OK)
  // Loaded here: most commands never talk to an engine, and it costs 100 ms to load.
  const { default: Dockerode } = await import('dockerode')
  const docker = new Dockerode(door.options)
  const version = await askVersion(docker, signal)
  return new Engine(docker, door.name, version)
}

/** A plain connect proves nothing: a dead engine's socket may accept and stay silent for ever. */
async function askVersion(docker: Docker, signal: AbortSignal): Promise<string> {
  const deadline = AbortSignal.timeout(engineLimits.connectMs)
  const ask = docker.version as unknown as (options: { abortSignal: AbortSignal }) => Promise<{ Version?: string }>
  try {
    const { Version } = await ask.call(docker, { abortSignal: AbortSignal.any([signal, deadline]) })
    if (typeof Version !== 'string') throw new Error('what answers there is not a Docker engine')
    return Version
  } catch (cause) {
    if (deadline.aborted) throw new Error(`no answer within ${engineLimits.connectMs / 1000} s`, { cause })
    throw cause
  }
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'ENOENT') return 'no such socket'
  if (code === 'EACCES') return 'this user may not open it (is it in the group `docker`?)'
  if (code === 'ECONNREFUSED') return 'nobody listens'
  return message
}
