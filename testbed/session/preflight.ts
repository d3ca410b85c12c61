import { mkdir, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { EzoneError } from '@ezone/sdk/errors'
import { bytesText } from '../face/table.ts'
import { type Listener, listeners, ownerOf } from '../surroundings/listeners.ts'
import type { Blueprint, Spec } from '../topology/blueprint.ts'

/** Fresh data of two zones takes about 450 MB; this leaves room to work in. */
const freeBytesMin = 1024 * 1024 * 1024

/** @throws EZ_NO_DISK where the state folder has too little room for the servers to start, EZ_STATE_UNREADABLE */
export async function checkDisk(folder: string): Promise<void> {
  await mkdir(join(folder, 'testbeds'), { recursive: true, mode: 0o700 }).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOSPC') throw cause
    throw new EzoneError('EZ_STATE_UNREADABLE', `${folder} cannot be used: ${cause.message}`, { cause })
  })
  const { bavail, bsize } = await statfs(folder)
  const free = bavail * bsize
  if (free < freeBytesMin)
    throw new EzoneError(
      'EZ_NO_DISK',
      `${folder} has ${bytesText(free)} free; a testbed needs ${bytesText(freeBytesMin)}`,
    )
}

/** @throws EZ_PORT_TAKEN naming every door that is taken, by whom. */
export async function checkPorts(blueprint: Blueprint, starting: readonly Spec[]): Promise<void> {
  const taken = takenDoors(blueprint, starting, await listeners())
  if (taken.length === 0) return
  const named = await Promise.all(
    taken.slice(0, namedMax).map(async (t) => `${t.host}:${t.port} for ${t.door} is held by ${await ownerOf(t.by)}`),
  )
  const rest = taken.length - named.length
  throw new EzoneError('EZ_PORT_TAKEN', named.join('; ') + (rest > 0 ? `; and ${rest} more` : ''), {
    hint: hintFor(taken),
  })
}

/** Finding who holds a socket means looking through all processes; a few names tell the story. */
const namedMax = 3

interface Taken {
  readonly host: string
  readonly port: number
  readonly door: string
  readonly by: Listener
}

/** Doors of specs that shall start, and of the links they carry, where somebody listens already. Pure. */
export function takenDoors(
  blueprint: Blueprint,
  starting: readonly Spec[],
  listening: readonly Listener[],
): readonly Taken[] {
  const doors = [
    ...starting.flatMap((spec) => spec.ports.map((port) => ({ ...port.host, door: spec.id }))),
    ...blueprint.links
      .filter((link) => starting.some((spec) => link.controllers.includes(spec.id)))
      .flatMap((link) => link.proxies.filter((p) => p.side === 'host').map((p) => ({ ...p.listen, door: p.name }))),
  ]
  return doors.flatMap((door) => {
    const by = listening.find((l) => l.port === door.port && (l.host === door.host || l.host === '0.0.0.0'))
    return by === undefined ? [] : [{ ...door, by }]
  })
}

function hintFor(taken: readonly Taken[]): string {
  const wildcard = taken.find((t) => t.by.host === '0.0.0.0')
  return wildcard === undefined
    ? 'Stop that process, or take the old testbed down with `ezone down`.'
    : `It listens on every address: bind it to 127.0.0.1, stop it, or choose another port in ezone.yaml (ports).`
}
