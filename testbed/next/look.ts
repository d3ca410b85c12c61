import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runIds, runsFolder } from '../report/run-ids.ts'
import { type Listed, listTestbeds } from '../session/list.ts'
import { folderOf } from '../session/names.ts'
import type { OpenFault } from '../session/status.ts'
import { folders } from '../surroundings/folders.ts'
import { lockHolder } from '../surroundings/lock.ts'
import type { Seen } from './seen.ts'

/** Every testbed of this user, at a glance: it must answer at once, so it loads only what the state it finds needs. */
export async function lookAtAll(signal: AbortSignal): Promise<readonly Seen[]> {
  return Promise.all((await listTestbeds(signal)).map((listed) => look(listed, signal)))
}

async function look(listed: Listed, signal: AbortSignal): Promise<Seen> {
  const { name, state, runtime, running, specs, sabotage } = listed
  const [agent, busy, faults, lastRun] = await Promise.all([
    lockHolder(join(folderOf(folders().state, name), 'agent.lock')).then((holder) => holder !== null),
    // What is ready or stopped is in nobody's hands.
    state === 'ready' || state === 'stopped' ? null : busyWith(name, signal),
    faultsOf(name),
    lastRunOf(listed),
  ])
  return { name, state, runtime, running, specs, sabotage, agent, busy, faults, lastRun }
}

async function busyWith(name: string, signal: AbortSignal): Promise<string | null> {
  const { AgentClient } = await import('../agent/client.ts')
  const hello = await new AgentClient(folderOf(folders().state, name)).hello(signal).catch(() => {
    signal.throwIfAborted()
    // It is there and does not answer: what can be seen without it is said all the same.
    return null
  })
  return hello?.busy ?? null
}

/** The journal is read with its schema only where it tells of a fault that is not over. */
async function faultsOf(name: string): Promise<readonly OpenFault[]> {
  const text = await readFile(join(folderOf(folders().state, name), 'leases.json'), 'utf8').catch(() => '')
  if (!/"state": "(?!ended)/.test(text)) return []
  const { faultsNow } = await import('../chaos/open-faults.ts')
  return faultsNow(name)
}

/** Runs outlive their testbed, and begin with their time: those of an earlier one say nothing of this one. */
async function lastRunOf({ name, createdAt }: Listed): Promise<string | null> {
  const newest = (await runIds(runsFolder(folders().state, name))).at(-1)
  const made = (createdAt ?? '').slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-')
  return newest === undefined || newest < made ? null : newest
}
