import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectEngine, type Engine } from '../runtimes/docker/engine.ts'
import { leftoversIn } from '../runtimes/docker/leftovers.ts'
import { DockerRuntime } from '../runtimes/docker/runtime.ts'
import { ProcessRuntime } from '../runtimes/process/runtime.ts'
import type { ServerHome, ServerKind } from '../servers/home.ts'
import type { Launch, Site } from '../stores/launch.ts'
import type { Blueprint, Spec } from '../topology/blueprint.ts'
import { homesForTests, launchTestRedis } from './redis-ground.ts'

/** A docker runtime with a folder and an engine of its own to look at from outside; disposing it removes all of it. */
export class DockerGround implements AsyncDisposable {
  readonly blueprint: Blueprint
  readonly engine: Engine
  readonly runtime: DockerRuntime
  readonly homes: ReadonlyMap<ServerKind, ServerHome>
  readonly folder: string
  readonly signal = AbortSignal.timeout(300_000)

  private constructor(parts: Pick<DockerGround, 'blueprint' | 'engine' | 'runtime' | 'homes' | 'folder'>) {
    this.blueprint = parts.blueprint
    this.engine = parts.engine
    this.runtime = parts.runtime
    this.homes = parts.homes
    this.folder = parts.folder
  }

  static async make(
    blueprint: Blueprint,
    options: {
      readonly kinds?: readonly ServerKind[]
      readonly launch?: (spec: Spec, site: Site) => Launch
      readonly images?: 'auto' | 'local' | 'registry'
      readonly registryMirror?: string
    } = {},
  ): Promise<DockerGround> {
    const homes = await homesForTests(options.kinds ?? ['redis'])
    const engine = await connectEngine(AbortSignal.timeout(10_000))
    const folder = await mkdtemp(join(tmpdir(), 'ezone-docker-'))
    const launch = options.launch ?? launchTestRedis()
    const host = new ProcessRuntime({ testbed: blueprint.id, folder, homes, launch })
    const record = { images: options.images ?? 'local', registryMirror: options.registryMirror ?? null } as const
    const runtime = new DockerRuntime({ testbed: { folder, blueprint, record }, homes, launch, host })
    return new DockerGround({ blueprint, engine, runtime, homes, folder })
  }

  leftovers(): Promise<readonly string[]> {
    return leftoversIn(this.engine, this.blueprint.id, this.signal)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.runtime.destroy(AbortSignal.timeout(60_000))
    await rm(this.folder, { recursive: true, force: true, maxRetries: 3 })
  }
}
