import { readFile, readlink } from 'node:fs/promises'
import type { Address } from '@ezone/sdk/model'

/** A row of the kernel's table of TCP sockets. */
export interface TableRow {
  readonly local: Address
  readonly remote: Address
  /** Two hexadecimal digits, as the kernel numbers them: `01` ESTABLISHED, `0A` LISTEN. */
  readonly state: string
  /** 0 for a socket that no process holds. */
  readonly inode: number
}

/** The rows of /proc/net/tcp or tcp6. Pure. */
export function tableRows(text: string): readonly TableRow[] {
  return text
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [, local, remote, state, , , , , , inode] = line.trim().split(/\s+/)
      if (local === undefined || remote === undefined || state === undefined) return []
      return [{ local: addressOf(local), remote: addressOf(remote), state, inode: Number(inode) }]
    })
}

/**
 * `0100007F:1F90` -> 127.0.0.1:8080. The kernel prints each 32 bits in the byte order of the machine, which is little
 * endian wherever ezone runs. Servers on Java have IPv6 sockets throughout; those that carry IPv4 are given back as IPv4.
 */
export function addressOf(field: string): Address {
  const [hex = '', port = ''] = field.split(':')
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) => [...Buffer.from(word, 'hex').reverse()])
  const mapped =
    bytes.length === 16 && bytes.slice(0, 10).every((b) => b === 0) && bytes[10] === 0xff && bytes[11] === 0xff
  const host = bytes.length === 4 || mapped ? bytes.slice(-4).join('.') : groups(bytes).join(':')
  return { host, port: Number.parseInt(port, 16) }
}

const groups = (bytes: readonly number[]) =>
  Array.from({ length: bytes.length / 2 }, (_, i) =>
    (((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0)).toString(16),
  )

/** The TCP sockets of the network namespace a process stands in. */
export async function readTable(pid: number | 'self'): Promise<readonly TableRow[]> {
  const texts = await Promise.all(
    // A kernel without IPv6 has no second file.
    ['tcp', 'tcp6'].map((name) => readFile(`/proc/${pid}/net/${name}`, 'latin1').catch(() => '')),
  )
  return texts.flatMap(tableRows)
}

/** Network namespace of a process, as a name; null where it cannot be told. */
export const namespaceOf = (pid: number | 'self'): Promise<string | null> =>
  readlink(`/proc/${pid}/ns/net`).catch(() => null)
