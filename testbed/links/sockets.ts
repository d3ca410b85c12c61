import { readdir, readlink } from 'node:fs/promises'
import type { Address } from '@ezone/sdk/model'
import { type MarkedProcess, markedProcesses } from '../surroundings/processes.ts'
import { inParallel } from './in-parallel.ts'
import { namespaceOf, readTable, type TableRow } from './kernel-table.ts'

/** Who holds a socket. */
export interface Owner {
  readonly pid: number
  /** `bj/orders`: the spec it belongs to. */
  readonly process: string
  /** The place it stands in; for a Toxiproxy the name of its link; null for the instrument itself (the agent). */
  readonly place: string | null
}

/** One end of a TCP connection of this testbed. */
export interface Socket {
  readonly local: Address
  readonly remote: Address
  /** True for the end that was dialled, false for the end that dialled. */
  readonly accepted: boolean
  /** `outsider`: a program outside the testbed. `unseen`: a process whose files this user may not see. */
  readonly owner: Owner | 'outsider' | 'unseen'
  /** Tells it from a later socket between the same addresses; 0 where that is not known. */
  readonly inode: number
}

/** ESTABLISHED, SYN_SENT and CLOSE_WAIT: somebody holds a connection or is about to. The rest are remains. */
const held = new Set(['01', '02', '08'])
const established = '01'
const listening = '0A'
const everywhere = ['0.0.0.0', '0:0:0:0:0:0:0:0']

/**
 * All living sockets, each with who holds it: of this host, and of every network namespace in which a process of the
 * testbed stands and that this user may look into.
 */
export async function livingSockets(testbed: string): Promise<readonly Socket[]> {
  const marked = await markedProcesses(testbed)
  const tables = await tablesOf(marked)
  const holders = await socketHolders()
  // Read once more: a process that was started meanwhile must not pass for an outsider.
  const owners = new Map([...marked, ...(await markedProcesses(testbed))].map((p) => [p.pid, ownerOf(p)]))
  return tables.flatMap((rows) => endsOf(rows, holders, owners))
}

async function tablesOf(marked: readonly MarkedProcess[]): Promise<readonly (readonly TableRow[])[]> {
  const own = await namespaceOf('self')
  const others = new Map<string, number>()
  for (const { pid } of marked) {
    const namespace = await namespaceOf(pid)
    if (namespace !== null && namespace !== own) others.set(namespace, pid)
  }
  const foreign = await Promise.all(
    // What a container does on a loopback of its own concerns nobody else.
    [...others.values()].map(async (pid) =>
      (await readTable(pid)).filter((row) => !row.remote.host.startsWith('127.')),
    ),
  )
  return [await readTable('self'), ...foreign]
}

/** The ends of connections in one table. Pure. An accepted end is left out where the end that dialled is there too. */
export function endsOf(
  rows: readonly TableRow[],
  holders: ReadonlyMap<number, readonly number[]>,
  owners: ReadonlyMap<number, Owner>,
): readonly Socket[] {
  const doors = new Set(rows.filter((row) => row.state === listening).map(({ local }) => name(local)))
  const isDoor = (local: Address) =>
    everywhere.some((host) => doors.has(name({ ...local, host }))) || doors.has(name(local))
  const dialled = new Set(rows.map((row) => `${name(row.local)} ${name(row.remote)}`))
  return rows.flatMap((row) => {
    const { local, remote, state, inode } = row
    // A socket without an inode belongs to the kernel alone: not yet accepted, or left behind.
    if (!held.has(state) || inode === 0) return []
    const accepted = isDoor(local)
    if (accepted && (state !== established || dialled.has(`${name(remote)} ${name(local)}`))) return []
    return holdersOf(inode, holders, owners).map((owner) => ({ local, remote, accepted, owner, inode }))
  })
}

function holdersOf(
  inode: number,
  holders: ReadonlyMap<number, readonly number[]>,
  owners: ReadonlyMap<number, Owner>,
): readonly Socket['owner'][] {
  const pids = holders.get(inode)
  if (pids === undefined) return ['unseen']
  // A socket that was handed down by a fork has several holders; whichever of them are ours answer for it.
  const ours = pids.flatMap((pid) => owners.get(pid) ?? [])
  return ours.length > 0 ? ours : ['outsider']
}

const ownerOf = ({ pid, spec, place }: MarkedProcess): Owner => ({
  pid,
  process: spec,
  place: place === '' ? null : place,
})

export const name = ({ host, port }: Address): string => `${host}:${port}`

/** inode -> pids, of every process whose files this user may see. */
async function socketHolders(): Promise<ReadonlyMap<number, readonly number[]>> {
  const pids = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry)).map(Number)
  const holders = new Map<number, number[]>()
  await inParallel(pids, 16, async (pid) => {
    for (const inode of await socketsOf(pid)) holders.set(inode, [...(holders.get(inode) ?? []), pid])
  })
  return holders
}

async function socketsOf(pid: number): Promise<readonly number[]> {
  // Another user's, or ended meanwhile: a socket that thereby has no holder is `unseen`.
  const files = await readdir(`/proc/${pid}/fd`).catch(() => [])
  const links = await Promise.all(files.map((file) => readlink(`/proc/${pid}/fd/${file}`).catch(() => '')))
  return links.flatMap((link) => {
    const inode = /^socket:\[(\d+)\]$/.exec(link)?.[1]
    return inode === undefined ? [] : [Number(inode)]
  })
}
