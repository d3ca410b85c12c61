import { readdir, readFile, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { listeners } from '../surroundings/listeners.ts'
import { markedProcesses } from '../surroundings/processes.ts'

/**
 * What a machine holds that a testbed could have left behind. Two of these, before and after, must be equal:
 * that is what "leaves nothing" means here.
 */
export interface Stock {
  readonly processes: ReadonlySet<string>
  readonly sockets: ReadonlySet<string>
  readonly files: ReadonlySet<string>
  readonly engine: ReadonlySet<string>
}

export interface StockOptions {
  /** Holds the state folder, the temp folder and the home of what is tested. Other tests may run beside it. */
  readonly sandbox: string
  /** Whether to look at the containers and networks of a Docker engine too. */
  readonly engine: boolean
}

export async function takeStock({ sandbox, engine }: StockOptions): Promise<Stock> {
  const [processes, sockets, files, containers] = await Promise.all([
    processesOf(sandbox),
    socketsOf(sandbox),
    filesOf(sandbox),
    engine ? engineThings() : new Set<string>(),
  ])
  return { processes, sockets, files, engine: containers }
}

/** What is there after and was not there before, in words; empty when nothing was left. */
export function leaks(before: Stock, after: Stock): readonly string[] {
  return (['processes', 'sockets', 'files', 'engine'] as const).flatMap((kind) =>
    [...after[kind]].filter((thing) => !before[kind].has(thing)).map((thing) => `${kind}: ${thing}`),
  )
}

/** Processes that work in the sandbox or were told of it. */
async function processesOf(sandbox: string): Promise<ReadonlySet<string>> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const marked = new Map((await markedProcesses()).map((p) => [String(p.pid), p.spec]))
  const found = await Promise.all(
    pids.map(async (pid) => {
      const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => '')
      const command = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).replaceAll('\0', ' ')
      const ours = cwd.startsWith(sandbox) || command.includes(sandbox)
      return ours ? [`${marked.get(pid) ?? '?'} ${command.slice(0, 120)}`] : []
    }),
  )
  return new Set(found.flat())
}

const blocks = new Map<string, readonly number[]>()

/** Tells the stock-taker which address blocks a testbed had, while its record still stands. */
export function rememberOctets(sandbox: string, octets: readonly number[]): void {
  blocks.set(sandbox, [...(blocks.get(sandbox) ?? []), ...octets])
}

async function socketsOf(sandbox: string): Promise<ReadonlySet<string>> {
  const octets = new Set(blocks.get(sandbox) ?? [])
  const ours = (host: string) => host.startsWith('127.') && octets.has(Number(host.split('.')[1]))
  return new Set((await listeners()).filter((l) => ours(l.host)).map((l) => `${l.host}:${l.port}`))
}

/** The sandbox's temp folder and home, and the testbeds of its state folder. */
async function filesOf(sandbox: string): Promise<ReadonlySet<string>> {
  const names = async (folder: string) =>
    (await readdir(join(sandbox, folder)).catch(() => [])).map((name) => join(folder, name))
  return new Set((await Promise.all(['tmp', 'home', 'state/testbeds'].map(names))).flat())
}

async function engineThings(): Promise<ReadonlySet<string>> {
  const { default: Dockerode } = await import('dockerode')
  const docker = new Dockerode()
  const [containers, networks] = await Promise.all([docker.listContainers({ all: true }), docker.listNetworks()])
  return new Set([
    ...containers.map((c) => `container ${c.Names.join(' ')}`),
    ...networks.map((n) => `network ${n.Name}`),
  ])
}
