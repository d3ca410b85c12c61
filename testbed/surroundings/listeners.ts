import { readdir, readFile, readlink } from 'node:fs/promises'

/** A program that listens, as the kernel shows it. */
export interface Listener {
  readonly host: string
  readonly port: number
  readonly inode: string
  readonly uid: number
}

/** Every listening TCP socket of this machine, IPv4 and the IPv6 wildcard (which takes IPv4 too). */
export async function listeners(): Promise<readonly Listener[]> {
  const [four, six] = await Promise.all([read('/proc/net/tcp'), read('/proc/net/tcp6')])
  return [...four, ...six.filter((l) => l.host === '0.0.0.0')]
}

async function read(path: string): Promise<readonly Listener[]> {
  const text = await readFile(path, 'latin1').catch(() => '')
  return (
    text
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      // Fields: slot, local, remote, state (0A = LISTEN), queues, timer, retransmits, uid, timeout, inode.
      .filter((fields) => fields[3] === '0A')
      .map((fields) => {
        const [address = '', port = ''] = (fields[1] ?? '').split(':')
        return { host: ipv4(address), port: Number.parseInt(port, 16), uid: Number(fields[7]), inode: fields[9] ?? '' }
      })
  )
}

/** Little-endian hex, as /proc prints it; the IPv6 wildcard and IPv4-mapped addresses become their IPv4 form. */
function ipv4(hex: string): string {
  if (/^0+$/.test(hex)) return '0.0.0.0'
  const last = hex.slice(-8)
  return [3, 2, 1, 0].map((i) => Number.parseInt(last.slice(i * 2, i * 2 + 2), 16)).join('.')
}

/** `redis-server (pid 4711)`, or whose it is where another user's processes may not be looked into. */
export async function ownerOf(listener: Listener): Promise<string> {
  const wanted = `socket:[${listener.inode}]`
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  for (const pid of pids) {
    const fds = await readdir(`/proc/${pid}/fd`).catch(() => [])
    const links = await Promise.all(fds.map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')))
    if (links.includes(wanted))
      return `${(await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '?')).trim()} (pid ${pid})`
  }
  return `a process of user ${listener.uid}`
}
