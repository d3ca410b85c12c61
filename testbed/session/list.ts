import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { folders } from '../surroundings/folders.ts'
import { markedProcesses } from '../surroundings/processes.ts'
import { readId, testbedNames } from './names.ts'
import { lastBegun, observedPhase } from './phases.ts'
import { readStarted } from './started.ts'

export interface Listed {
  readonly name: string
  /** A phase; `unknown` where its Docker engine does not answer; or `unreadable`: `ezone down --name NAME` removes that too. */
  readonly state: string
  readonly runtime: string | null
  readonly running: number
  /** How many servers and services it has when all run; null where it never was ready. */
  readonly specs: number | null
  /** Address blocks, such as `127.10`. */
  readonly blocks: readonly string[]
  readonly createdAt: string | null
  /** Mistakes its services have on purpose; empty for a sound testbed. */
  readonly sabotage: readonly string[]
  readonly error: string | null
}

/**
 * Every testbed that left something on this machine, whether its record can be read or not. A look, not an examination:
 * it loads neither schemas nor blueprints, so that it answers at once; `status` examines one.
 */
export async function listTestbeds(signal: AbortSignal): Promise<readonly Listed[]> {
  const { state } = folders()
  return Promise.all((await testbedNames(state)).map((name) => look(join(state, 'testbeds', name), name, signal)))
}

interface Glance {
  readonly runtime?: string
  readonly octets?: Readonly<Record<string, number>>
  readonly createdAt?: string
  readonly sabotage?: readonly string[]
}

async function look(folder: string, name: string, signal: AbortSignal): Promise<Listed> {
  const [id, text, started] = await Promise.all([
    readId(folder),
    readFile(join(folder, 'testbed.json'), 'utf8').catch(() => null),
    readStarted(folder),
  ])
  if (text === null || id === null) return unreadable(name, 'it has no record: `up` was ended before it was written')
  const record = parse(text)
  if (record === null) return unreadable(name, 'its record cannot be read')
  const running = await runningOf(id, record.runtime === 'docker', signal).catch((error: Error) => error)
  if (running instanceof Error) return { ...unreadable(name, running.message), state: 'unknown', runtime: 'docker' }
  const specs = started?.specs ?? null
  const sight = {
    wanted: specs ?? running.length + 1,
    running: running.length,
    lastBegunAtMs: lastBegun(running),
    provenAtMs: started === null ? null : Date.parse(started.at),
  }
  return {
    name,
    state: observedPhase(sight),
    runtime: record.runtime ?? null,
    running: running.length,
    specs,
    blocks: Object.values(record.octets ?? {}).map((octet) => `127.${octet}`),
    createdAt: record.createdAt ?? null,
    sabotage: record.sabotage ?? [],
    error: null,
  }
}

function parse(text: string): Glance | null {
  try {
    return JSON.parse(text) as Glance
  } catch {
    return null
  }
}

type Running = readonly { readonly startedAtMs: number }[]

async function runningOf(id: string, inContainers: boolean, signal: AbortSignal): Promise<Running> {
  const processes = (await markedProcesses(id)).filter((p) => p.leader && p.spec.includes('/'))
  if (!inContainers) return processes
  const [{ connectEngine }, { findContainers }] = await Promise.all([
    import('../runtimes/docker/engine.ts'),
    import('../runtimes/docker/containers-found.ts'),
  ])
  const containers = await findContainers(await connectEngine(signal), id, signal)
  return [...processes, ...containers.filter((container) => container.running)]
}

const unreadable = (name: string, error: string): Listed => ({
  name,
  state: 'unreadable',
  runtime: null,
  running: 0,
  specs: null,
  blocks: [],
  createdAt: null,
  sabotage: [],
  error,
})
