import { readlink, rm } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { EzoneError } from '@ezone/sdk/errors'
import { socketOf } from '../agent/socket.ts'
import { endProcesses, markedProcesses, stillThere } from '../surroundings/processes.ts'
import { folderOf, readId } from './names.ts'
import { readRecord, removeFolder } from './record.ts'

export interface TakenDown {
  readonly name: string
  /** Servers and services of the host that still ran. */
  readonly processes: number
}

/** Time for the agent to tell a command at work that it was cancelled. */
const agentGraceMs = 700
const roundsMax = 20

/**
 * Removes a testbed and all it made. Trusts nobody: not the agent (it may hang, be dead, or be of another version), not
 * the record (it may be unreadable); what carries the testbed's id is ended, whoever started it.
 */
export async function takeDown(stateFolder: string, name: string, signal: AbortSignal): Promise<TakenDown> {
  const folder = folderOf(stateFolder, name)
  const id = await readId(folder)
  // Unreadable or of another version: the id in its own file is enough.
  const record = await readRecord(folder).catch(() => null)
  const processes = id === null ? await endThoseWorkingIn(folder) : await endMarked(id)
  if (id !== null && record?.runtime !== 'process') await removeContainers(id, record?.runtime === 'docker', signal)
  await removeFolder(folder)
  // An `up` that was just beginning may have started its agent after the last look, and made the folder anew.
  const late = id === null ? 0 : await endMarked(id)
  if (late > 0) await removeFolder(folder)
  await rm(socketOf(folder), { force: true })
  return { name, processes: processes + late }
}

/** Where not even the id is left, the folder a process works in tells whose it is. */
async function endThoseWorkingIn(folder: string): Promise<number> {
  const all = (await markedProcesses()).filter((p) => p.pid !== process.pid)
  const places = await Promise.all(all.map((p) => readlink(`/proc/${p.pid}/cwd`).catch(() => '')))
  const ours = all.filter((_, index) => places[index]?.startsWith(folder))
  const left = await endProcesses(ours, { graceMs: 0 })
  if (left.length > 0) throw stillThere(left)
  return ours.length
}

/** The agent first, politely, so that it starts nothing more; then everything at once: its data goes anyway. */
async function endMarked(id: string): Promise<number> {
  const agents = (await markedProcesses(id)).filter((p) => p.spec === 'agent' && p.leader)
  await endProcesses(agents, { graceMs: agentGraceMs })
  let ended = agents.length
  // A dying parent may still have forked a child after the last look; look until nobody is left.
  for (let round = 0; round < roundsMax; round++) {
    const left = (await markedProcesses(id)).filter((p) => p.pid !== process.pid)
    if (left.length === 0) return ended
    ended += left.filter((p) => p.leader).length
    await endProcesses(left, { graceMs: 0 })
    await sleep(10)
  }
  // The folder stays, and with it the id: without it nobody could find them again.
  throw stillThere(await markedProcesses(id))
}

/**
 * Containers and networks with the testbed's label. Where no engine answers although the record says `docker`, that is an
 * error, and the folder stays: nobody could say then that they are gone.
 */
async function removeContainers(id: string, certain: boolean, signal: AbortSignal): Promise<void> {
  const [{ connectEngine }, { destroyTestbed }] = await Promise.all([
    import('../runtimes/docker/engine.ts'),
    import('../runtimes/docker/destroy.ts'),
  ])
  try {
    await destroyTestbed(await connectEngine(signal), id, signal)
  } catch (error) {
    if (certain || !EzoneError.is(error, 'EZ_DOCKER_UNREACHABLE')) throw error
  }
}
