import type { Observed } from '../runtime.ts'
import type { Engine } from './engine.ts'
import { labelled, labels } from './labels.ts'
import { linesOf, textOf } from './log-frames.ts'

/** A container of a testbed, as the engine shows it now. */
export interface FoundContainer extends Observed {
  readonly container: string
  readonly place: string
  /** Process on the host where the engine runs; null where it is dead. */
  readonly enginePid: number | null
}

/** Every server's container of a testbed, running or dead; with a spec, only that one's. */
export async function findContainers(
  engine: Engine,
  testbedId: string,
  signal: AbortSignal,
  specId?: string,
): Promise<readonly FoundContainer[]> {
  const found = await engine.call('list containers', signal, (docker, abortSignal) =>
    docker.listContainers({ all: true, filters: { label: wanted(testbedId, specId) }, abortSignal }),
  )
  const inspected = await Promise.all(found.map(({ Id }) => inspect(engine, Id, signal)))
  return inspected.filter((container) => container !== null)
}

const wanted = (testbedId: string, specId?: string) => [
  ...labelled(labels.testbed, testbedId).label,
  ...labelled(labels.spec, specId).label,
]

/** null where it went away meanwhile. */
export async function inspect(engine: Engine, id: string, signal: AbortSignal): Promise<FoundContainer | null> {
  const info = await engine.find(`inspect container ${id}`, signal, (docker, abortSignal) =>
    docker.getContainer(id).inspect({ abortSignal }),
  )
  if (info === null) return null
  const { State, Config, Id } = info
  return {
    specId: Config.Labels[labels.spec] ?? '',
    place: Config.Labels[labels.place] ?? '',
    running: State.Running,
    launchHash: Config.Labels[labels.launch] ?? '',
    pid: null,
    container: Id.slice(0, 12),
    enginePid: State.Running ? State.Pid : null,
    startedAtMs: Math.max(0, Date.parse(State.StartedAt)),
  }
}

/** The last lines a container printed, oldest first; null where it is gone. */
export async function containerTail(
  engine: Engine,
  id: string,
  lines: number,
  signal: AbortSignal,
): Promise<readonly string[] | null> {
  const frames = await engine.find(`read the log of container ${id}`, signal, (docker, abortSignal) =>
    docker.getContainer(id).logs({ stdout: true, stderr: true, tail: lines, follow: false, abortSignal }),
  )
  if (frames === null) return null
  // Without any line dockerode gives an empty string in place of an empty buffer.
  return linesOf(Buffer.isBuffer(frames) ? textOf(frames) : '').slice(-lines)
}
