import { createHash } from 'node:crypto'
import { EzoneError } from '@ezone/sdk/errors'
import { listeners } from '../surroundings/listeners.ts'

/** 10, 20, 30 … first, because people read them easily; then whatever is left of 127.1 to 127.254. */
const candidates: readonly number[] = [
  ...Array.from({ length: 25 }, (_, i) => (i + 1) * 10),
  ...Array.from({ length: 254 }, (_, i) => i + 1).filter((n) => n % 10 !== 0),
]

/**
 * Gives every place a block of loopback addresses (second octet of 127/8) that no other testbed has and where nobody
 * listens. Pure.
 *
 * @param offset where in the list to begin: another one per state folder, since the testbeds of another folder that are
 * stopped just now cannot be seen
 */
export function chooseOctets(
  places: readonly string[],
  taken: ReadonlySet<number>,
  offset = 0,
): ReadonlyMap<string, number> {
  const rotated = [...candidates.slice(offset), ...candidates.slice(0, offset)]
  const free = rotated.filter((octet) => !taken.has(octet))
  if (free.length < places.length)
    throw new EzoneError(
      'EZ_PORT_TAKEN',
      `no address block is left: ${places.length} places, ${free.length} free blocks`,
      {
        hint: 'Take testbeds down that you no longer need: `ezone ps`, `ezone down --name NAME`.',
      },
    )
  return new Map(places.map((place, index) => [place, free[index] ?? 0]))
}

/** 0 for the usual state folder, so that its blocks are 127.10, 127.20, …; anything for one that the user named. */
export function offsetOf(stateFolder: string, usual: boolean): number {
  if (usual) return 0
  return Number.parseInt(createHash('sha256').update(stateFolder).digest('hex').slice(0, 8), 16) % candidates.length
}

/** Second octets of 127/8 where some program of this machine listens now, whoever owns it. */
export async function listeningOctets(): Promise<ReadonlySet<number>> {
  const hosts = (await listeners()).map((l) => l.host).filter((host) => host.startsWith('127.'))
  return new Set(hosts.map((host) => Number(host.split('.')[1])))
}

/** True where every address of 127/8 may be bound, as on Linux; false on systems that know 127.0.0.1 alone. */
export async function hasLoopbackBlocks(): Promise<boolean> {
  const { createServer } = await import('node:net')
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ host: '127.254.254.254', port: 0 }, () => server.close(() => resolve(true)))
  })
}
