import { readdir, readFile, readlink } from 'node:fs/promises'

const listenState = '0A'

/** Addresses a process listens on, `host:port`, as the kernel shows them; IPv6 as the kernel's own hexadecimal. */
export async function listeningOf(pid: number): Promise<readonly string[]> {
  const fds = await readdir(`/proc/${pid}/fd`)
  const links = await Promise.all(fds.map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')))
  const inodes = new Set(links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []))
  const tables = await Promise.all(['tcp', 'tcp6'].map((table) => readFile(`/proc/${pid}/net/${table}`, 'utf8')))
  return tables
    .flatMap((table) => table.trim().split('\n').slice(1))
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[3] === listenState && inodes.has(fields[9] ?? ''))
    .map((fields) => readable(fields[1] ?? ''))
    .sort()
}

/** `0100007F:0CEA` -> `127.0.0.1:3306`: the kernel prints the four bytes as one little-endian number. */
function readable(field: string): string {
  const [address = '', port = ''] = field.split(':')
  const bytes = Buffer.from(address, 'hex')
  const host = bytes.length === 4 ? [...bytes.reverse()].join('.') : address
  return `${host}:${Number.parseInt(port, 16)}`
}
