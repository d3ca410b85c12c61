import { readFile } from 'node:fs/promises'
import { markedProcesses } from '../surroundings/processes.ts'

/** CPU time of every process of a testbed so far, and of the machine's processors together. */
export interface CostSample {
  readonly perSpecMs: ReadonlyMap<string, number>
  /** All processors: time at work, and time in all. */
  readonly machine: { readonly busyMs: number; readonly allMs: number }
}

const tickMs = 10 // USER_HZ is 100 in the Linux ABI

/** Of `process` all servers and services; of `docker` the services alone, since containers are not ours to look into. */
export async function sampleCost(testbedId: string): Promise<CostSample> {
  const [processes, machine] = await Promise.all([markedProcesses(testbedId), readMachine()])
  const found = await Promise.all(
    processes.filter((one) => one.leader).map(async ({ spec, pid }) => [spec, await cpuMsOf(pid)] as const),
  )
  return { perSpecMs: new Map(found.flatMap(([spec, ms]) => (ms === null ? [] : [[spec, ms]]))), machine }
}

/** User and system time of a process; the program's name in parentheses may hold anything, so it is skipped as a whole. */
async function cpuMsOf(pid: number): Promise<number | null> {
  const text = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => null)
  if (text === null) return null
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * tickMs
}

async function readMachine(): Promise<CostSample['machine']> {
  const [, ...fields] = (await readFile('/proc/stat', 'latin1')).split('\n')[0]?.trim().split(/\s+/) ?? []
  const [user = 0, nice = 0, system = 0, idle = 0, wait = 0, irq = 0, soft = 0, steal = 0] = fields.map(Number)
  const busy = user + nice + system + irq + soft + steal
  return { busyMs: busy * tickMs, allMs: (busy + idle + wait) * tickMs }
}

/** What a run spent, between two samples. */
export interface Cost {
  /** Service or store -> CPU milliseconds per request, all its instances together. */
  readonly cpuPerHop: Readonly<Record<string, number>>
  /** Spec -> CPU milliseconds. */
  readonly perSpecMs: ReadonlyMap<string, number>
  /** What had no more to give: a spec that had one processor for itself, or the machine; null where nothing had. */
  readonly limit: string | null
}

/** A program of one thread cannot do more than this share of one processor. */
const fullShare = 0.9
export const machineFullShare = 0.95

export function costOf(
  before: CostSample,
  after: CostSample,
  run: { readonly requests: number; readonly ranMs: number; readonly nameOf: (spec: string) => string },
): Cost {
  const spent = [...after.perSpecMs].map(([spec, ms]) => ({ spec, ms: ms - (before.perSpecMs.get(spec) ?? 0) }))
  const perName = Map.groupBy(spent, ({ spec }) => run.nameOf(spec))
  const cpuPerHop = [...perName].map(([name, specs]) => {
    const ms = specs.reduce((sum, one) => sum + one.ms, 0)
    return [name, run.requests === 0 ? 0 : Math.round((ms / run.requests) * 1000) / 1000] as const
  })
  const allMs = after.machine.allMs - before.machine.allMs
  const machineShare = allMs === 0 ? 0 : (after.machine.busyMs - before.machine.busyMs) / allMs
  const busiest = spent.toSorted((a, b) => b.ms - a.ms)[0]
  const alone = busiest !== undefined && busiest.ms >= run.ranMs * fullShare ? busiest.spec : null
  return {
    cpuPerHop: Object.fromEntries(cpuPerHop.filter(([, ms]) => ms > 0).toSorted(([, a], [, b]) => b - a)),
    perSpecMs: new Map(spent.map(({ spec, ms }) => [spec, ms])),
    limit: machineShare >= machineFullShare ? 'machine' : alone,
  }
}
