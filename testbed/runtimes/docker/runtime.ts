import { mkdir, writeFile } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { dirname, join } from 'node:path'
import { systemClock } from '@ezone/sdk/clock'
import pLimit from 'p-limit'
import type { Socket } from '../../links/sockets.ts'
import type { ServerHome, ServerKind } from '../../servers/home.ts'
import type { Launch, Site } from '../../stores/launch.ts'
import { isStopped } from '../../surroundings/processes.ts'
import type { Blueprint, Spec } from '../../topology/blueprint.ts'
import { launchHash, materialise } from '../materialise.ts'
import type { Observed, Runtime } from '../runtime.ts'
import { endContainer, removeContainers, signalContainer } from './container-end.ts'
import { startContainer } from './container-start.ts'
import { containerOf } from './containers.ts'
import { containerTail, type FoundContainer, findContainers, inspect } from './containers-found.ts'
import { destroyTestbed } from './destroy.ts'
import { type DirectDial, directDials } from './direct-dial.ts'
import { connectEngine, type Engine } from './engine.ts'
import { ensureImages } from './image-choice.ts'
import { homeInside, imageNameOf } from './images.ts'
import { ensureNetworks } from './networks.ts'
import { bindAddress } from './placement.ts'
import { containerSockets } from './sockets.ts'

export interface DockerRuntimeOptions {
  readonly testbed: {
    /** State folder: data in `data/<spec id>`, what a container printed before it was removed in `logs/<spec id>.log`. */
    readonly folder: string
    readonly blueprint: Blueprint
    readonly record: { readonly images: 'auto' | 'local' | 'registry'; readonly registryMirror: string | null }
  }
  readonly homes: ReadonlyMap<ServerKind, ServerHome>
  readonly launch: (spec: Spec, site: Site) => Launch
  /** Runs what always is a process of the host: services, and the links' Toxiproxies for them. */
  readonly host: Runtime
}

/** The engine works on all it is asked at once, and then all are late; in turn, what others wait for is up first. */
const startsAtOnce = 4

/** Lines kept of a container that is removed: enough to see why it ended. */
const keptLines = 1000

/**
 * Runs stores and links as containers, each place in a network of its own, and publishes them to the host at the very
 * addresses the process runtime uses, so that nothing above can tell the difference.
 */
export class DockerRuntime implements Runtime {
  readonly name = 'docker'
  readonly #options: DockerRuntimeOptions
  readonly #homesInside: ReadonlyMap<ServerKind, ServerHome>
  readonly #inTurn = pLimit(startsAtOnce)
  #connected: Promise<Engine> | undefined
  #images: Promise<ReadonlyMap<string, string>> | undefined

  constructor(options: DockerRuntimeOptions) {
    this.#options = options
    this.#homesInside = new Map([...options.homes].map(([kind, home]) => [kind, homeInside(home)]))
  }

  async prepare(signal: AbortSignal): Promise<void> {
    const engine = await this.#engine(signal)
    this.#images = undefined
    const works = [
      this.#options.host.prepare(signal),
      ensureNetworks(engine, this.#blueprint, signal),
      this.#imagesAtHand(engine, signal),
    ]
    // All have ended before an interruption is told: a network still being made would appear after `destroy`.
    await Promise.allSettled(works)
    await Promise.all(works)
  }

  async observe(signal: AbortSignal): Promise<readonly Observed[]> {
    const engine = await this.#engine(signal)
    const [onHost, containers] = await Promise.all([
      this.#options.host.observe(signal),
      findContainers(engine, this.#blueprint.id, signal),
    ])
    return [...onHost, ...containers.map(asObserved)]
  }

  hashOf(spec: Spec): string {
    return spec.on === 'host' ? this.#options.host.hashOf(spec) : launchHash(this.#launchOf(spec))
  }

  async start(spec: Spec, signal: AbortSignal): Promise<Observed> {
    if (spec.on === 'host') return this.#options.host.start(spec, signal)
    const engine = await this.#engine(signal)
    const existing = await findContainers(engine, this.#blueprint.id, signal, spec.id)
    const running = existing.find((container) => container.running)
    if (running) return asObserved(running)
    for (const dead of existing) await this.#bury(engine, dead, signal)

    const launch = this.#launchOf(spec)
    const dataDir = join(this.#options.testbed.folder, 'data', spec.id)
    const images = await this.#imagesAtHand(engine, signal)
    await materialise(launch, dataDir, signal)
    const plan = containerOf({
      blueprint: this.#blueprint,
      spec,
      launch,
      launchHash: launchHash(launch),
      image: images.get(imageNameOf(spec.kind)) ?? '',
      homes: this.#homesInside,
      dataDir,
      user: userText(),
    })
    return asObserved(await this.#inTurn(() => startContainer(engine, plan, spec, signal)))
  }

  async isRunning(started: Observed): Promise<boolean> {
    if (started.container === null) return this.#options.host.isRunning(started)
    const signal = new AbortController().signal
    return (await inspect(await this.#engine(signal), started.container, signal))?.running ?? false
  }

  async isStopped(started: Observed): Promise<boolean> {
    if (started.container === null) return this.#options.host.isStopped(started)
    const signal = new AbortController().signal
    const pid = (await inspect(await this.#engine(signal), started.container, signal))?.enginePid ?? null
    return pid !== null && (await isStopped(pid))
  }

  async stop(specId: string, options: { readonly graceMs: number; readonly signal: AbortSignal }): Promise<void> {
    const always = new AbortController().signal
    const engine = await this.#engine(always)
    const [containers] = await Promise.all([
      findContainers(engine, this.#blueprint.id, always, specId),
      this.#options.host.stop(specId, options),
    ])
    for (const container of containers) {
      await endContainer(engine, container.container, options)
      await this.#bury(engine, container, always)
    }
  }

  async signal(
    specIds: readonly string[],
    name: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT',
    signal: AbortSignal,
  ): Promise<number> {
    const engine = await this.#engine(signal)
    const containers = await findContainers(engine, this.#blueprint.id, signal)
    const meant = containers.filter(({ specId, running }) => running && specIds.includes(specId))
    const beginMs = systemClock.monotonicMs()
    await Promise.all([
      this.#options.host.signal(specIds, name, signal),
      ...meant.map(({ container }) => signalContainer(engine, container, name, signal)),
    ])
    return systemClock.monotonicMs() - beginMs
  }

  async tail(specId: string, lines: number): Promise<readonly string[]> {
    const signal = new AbortController().signal
    const engine = await this.#engine(signal)
    const [container] = await findContainers(engine, this.#blueprint.id, signal, specId)
    const printed = container && (await containerTail(engine, container.container, lines, signal))
    return printed ?? this.#options.host.tail(specId, lines)
  }

  async destroy(signal: AbortSignal): Promise<void> {
    await this.#options.host.destroy(signal)
    await destroyTestbed(await this.#engine(signal), this.#blueprint.id, signal)
  }

  /** Connections inside the containers, for an audit of who dials whom. */
  async sockets(signal: AbortSignal): Promise<readonly Socket[]> {
    return containerSockets(await this.#engine(signal), this.#blueprint.id, signal)
  }

  /** Dials from every place all real addresses of the others: each must be refused. */
  async directDials(signal: AbortSignal): Promise<readonly DirectDial[]> {
    const engine = await this.#engine(signal)
    const { record, blueprint } = this.#options.testbed
    const images = await ensureImages(engine, { ...record, homes: this.#options.homes, kinds: ['redis'] }, signal)
    const dialling = { blueprint, image: images.get('redis') ?? '', home: this.#homeInside('redis') }
    return directDials(engine, dialling, signal)
  }

  /** Removes a dead container; its last lines go where the process runtime keeps them, so that `logs` still has them. */
  async #bury(engine: Engine, { container, specId }: FoundContainer, signal: AbortSignal): Promise<void> {
    const lines = await containerTail(engine, container, keptLines, signal)
    if (lines !== null) {
      const path = join(this.#options.testbed.folder, 'logs', `${specId}.log`)
      await mkdir(dirname(path), { recursive: true, mode: 0o700 })
      await writeFile(path, lines.map((line) => `${line}\n`).join(''), { mode: 0o600 })
    }
    await removeContainers(engine, [container], signal)
  }

  #launchOf(spec: Spec): Launch {
    return this.#options.launch(spec, {
      side: 'inside',
      dataDir: '/data',
      root: (kind) => this.#homeInside(kind).root,
      bind: (name) => bindAddress(this.#blueprint, spec, name),
      files: (kind) => this.#homeInside(kind).jars,
    })
  }

  #homeInside(kind: ServerKind): ServerHome {
    const home = this.#homesInside.get(kind)
    if (home === undefined) throw new TypeError(`no home was given for ${kind}`)
    return home
  }

  /** Looked up once per preparation, however many servers start at a time. */
  #imagesAtHand(engine: Engine, signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
    const { record, blueprint } = this.#options.testbed
    const kinds = blueprint.specs.filter((spec) => spec.on === 'runtime').map((spec) => spec.kind)
    this.#images ??= ensureImages(engine, { ...record, homes: this.#options.homes, kinds }, signal).catch((error) => {
      this.#images = undefined
      throw error
    })
    return this.#images
  }

  /** Connected at first use and then kept; a failure is not kept, the engine may be started meanwhile. */
  #engine(signal: AbortSignal): Promise<Engine> {
    this.#connected ??= connectEngine(signal).catch((error) => {
      this.#connected = undefined
      throw error
    })
    return this.#connected
  }

  get #blueprint(): Blueprint {
    return this.#options.testbed.blueprint
  }
}

function asObserved({ specId, running, launchHash, pid, container, startedAtMs }: FoundContainer): Observed {
  return { specId, running, launchHash, pid, container, startedAtMs }
}

const userText = () => {
  const { uid, gid } = userInfo()
  return `${uid}:${gid}`
}
