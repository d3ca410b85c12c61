import { setTimeout as sleep } from 'node:timers/promises'
import type { Blueprint } from '../topology/blueprint.ts'
import { AddressGround } from './ground.ts'
import { livingSockets, name, type Socket } from './sockets.ts'

/** A connection that goes from place to place beside the link. */
export interface Bypass {
  /** 0 where the dialling process could not be seen, only the place it dialled from. */
  readonly pid: number
  /** The spec whose process it is; empty where it could not be seen. */
  readonly process: string
  readonly from: string
  readonly to: string
  /** What it dialled. */
  readonly address: string
}

export interface SocketAudit {
  /** Connections dialled by processes of the testbed, all of them judged. */
  readonly sockets: number
  readonly bypasses: readonly Bypass[]
  /** Addresses of the testbed to which somebody is connected whom this user may not see. */
  readonly unknown: readonly { readonly address: string; readonly to: string }[]
  /** Connections from the agent and from programs outside the testbed, such as a developer's client: in no place. */
  readonly outside: number
}

export interface AuditOptions {
  readonly signal: AbortSignal
  /** How often to look, 100 ms apart. What lives shorter than that may be missed. Default 3. */
  readonly looks?: number
  /** Adds what /proc does not show to this user: sockets inside containers. */
  readonly extraSockets?: (signal: AbortSignal) => Promise<readonly Socket[]>
}

const betweenLooksMs = 100

/**
 * Looks several times at every TCP connection of the testbed and judges it by who dialled: a process of place A may dial
 * addresses of A alone (its own doors, and the links' listeners in A); the Toxiproxy of a link, those of both its places.
 * Anything else that leads to an address of the testbed is a bypass.
 *
 * Seen are connections that live while it looks. Not judged are programs outside the testbed, since they stand in no place.
 */
export async function auditSockets(blueprint: Blueprint, options: AuditOptions): Promise<SocketAudit> {
  const ground = new AddressGround(blueprint)
  const seen = new Map<string, Socket>()
  const unseen = new Map<string, number>()
  for (let look = 0; look < Math.max(2, options.looks ?? 3); look++) {
    if (look > 0) await sleep(betweenLooksMs, undefined, { signal: options.signal })
    options.signal.throwIfAborted()
    const extra = (await options.extraSockets?.(options.signal)) ?? []
    for (const socket of [...(await livingSockets(blueprint.id)), ...extra]) {
      const holder = typeof socket.owner === 'string' ? '' : socket.owner.pid
      const key = `${name(socket.local)} ${name(socket.remote)} ${socket.inode}`
      if (socket.owner === 'unseen') unseen.set(key, (unseen.get(key) ?? 0) + 1)
      // Closed between reading the table and reading who holds it: nobody's, once. Nobody's twice is somebody hidden.
      if (socket.owner !== 'unseen' || (unseen.get(key) ?? 0) > 1) seen.set(`${key} ${holder}`, socket)
    }
  }
  return judgeSockets(ground, [...seen.values()])
}

/** Pure. */
export function judgeSockets(ground: AddressGround, sockets: readonly Socket[]): SocketAudit {
  const judged = sockets.map((socket) => judgeSocket(ground, socket))
  const bypasses = judged.flatMap((j) => j.bypass ?? [])
  const unknown = judged.flatMap((j) => j.unknown ?? [])
  return {
    sockets: judged.filter((j) => j.is === 'inside').length,
    bypasses: distinct(bypasses),
    unknown: distinct(unknown),
    outside: judged.filter((j) => j.is === 'outside').length,
  }
}

interface Judged {
  readonly is: 'inside' | 'outside' | 'elsewhere'
  readonly bypass?: Bypass
  readonly unknown?: { readonly address: string; readonly to: string }
}

function judgeSocket(ground: AddressGround, { local, remote, accepted, owner }: Socket): Judged {
  const door = accepted ? local : remote
  const to = ground.placeOf(door)
  if (to === null) return { is: 'elsewhere' }
  const address = name(door)
  // Of an accepted connection whose dialling end is in no table, and of a holder that is hidden, the address of the
  // dialling end may still tell the place: between containers each place has a network of its own.
  if (accepted || owner === 'unseen') {
    const from = ground.placeOf(accepted ? remote : local)
    if (from === null) return { is: 'inside', unknown: { address, to } }
    return from === to ? { is: 'inside' } : { is: 'inside', bypass: { pid: 0, process: '', from, to, address } }
  }
  if (owner === 'outsider' || owner.place === null) return { is: 'outside' }
  if (ground.mayDial(owner.place, to)) return { is: 'inside' }
  return { is: 'inside', bypass: { pid: owner.pid, process: owner.process, from: owner.place, to, address } }
}

/** A pool of ten connections is one finding. */
function distinct<T>(items: readonly T[]): readonly T[] {
  return [...new Map(items.map((item) => [JSON.stringify(item), item])).values()]
}
