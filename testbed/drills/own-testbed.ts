import { mkdtempDisposable, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Clock } from '@ezone/sdk/model'
import type { AgentEvent } from '../agent/events.ts'
import { openUp } from '../session/open-up.ts'
import { takeDown } from '../session/take-down.ts'
import { folders } from '../surroundings/folders.ts'
import { loadTopology } from '../topology/load.ts'

export interface OwnTestbedOptions {
  readonly policy: 'available' | 'strict'
  /** Where ezone.yaml is looked for. */
  readonly folder: string
  readonly runtime: 'auto' | 'process' | 'docker'
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly onEvent: (event: AgentEvent) => void
  readonly onRuntime: (text: string) => void
}

const downMs = 60_000

/** A testbed made for drills under one policy, with the topology of the folder. Disposed, it is taken down. */
export class OwnTestbed implements AsyncDisposable {
  readonly name: string

  private constructor(name: string) {
    this.name = name
  }

  static async up(options: OwnTestbedOptions): Promise<OwnTestbed> {
    const { policy, clock, signal, onEvent, onRuntime, runtime } = options
    const name = `drill-${policy}`
    // One that an earlier `--all` left when it was killed is not one to begin on.
    await takeDown(folders().state, name, signal)
    const { topology } = await loadTopology({ folder: options.folder })
    await using made = await mkdtempDisposable(join(tmpdir(), 'drill-'))
    // JSON is YAML.
    await writeFile(join(made.path, 'ezone.yaml'), JSON.stringify({ ...topology, policy }))
    const wish = { name, folder: made.path, runtime, images: 'auto', registryMirror: null, addresses: 'auto' } as const
    await openUp({ ...wish, onRuntime }, clock, onEvent, signal)
    return new OwnTestbed(name)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await takeDown(folders().state, this.name, AbortSignal.timeout(downMs))
  }
}
