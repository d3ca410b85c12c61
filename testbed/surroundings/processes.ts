import { readdir, readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock } from '@ezone/sdk/clock'
import { EzoneError } from '@ezone/sdk/errors'

/**
 * Processes as the kernel shows them. Everything ezone starts carries these marks in its environment, so all of it can be
 * found again when nobody remembers it: after kill -9 of the CLI, of the agent, of both.
 */
export const marks = {
  testbed: 'EZONE_TESTBED',
  spec: 'EZONE_SPEC',
  place: 'EZONE_PLACE',
  launch: 'EZONE_LAUNCH',
} as const

/** A process that cannot be mistaken for a later one with the same number: a pid and its start time since boot. */
export interface ProcessId {
  readonly pid: number
  readonly startTicks: number
}

export interface MarkedProcess extends ProcessId {
  readonly testbed: string
  readonly spec: string
  readonly place: string
  readonly launchHash: string
  /** True for the process ezone started itself: it leads the group its children belong to. */
  readonly leader: boolean
  readonly startedAtMs: number
}

const ticksPerSecond = 100 // USER_HZ, fixed in the Linux ABI

/** All living processes that carry a testbed's mark; with no id, of every testbed of this user. */
export async function markedProcesses(testbed?: string): Promise<readonly MarkedProcess[]> {
  const wanted = testbed === undefined ? `${marks.testbed}=` : `${marks.testbed}=${testbed}\0`
  const bootMs = await bootTimeMs()
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
  const found = await Promise.all(
    pids.map(async (pid) => {
      // Another user's process, or one that ended meanwhile: not ours either way.
      const environ = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '')
      if (!`${environ}\0`.includes(wanted)) return []
      const stat = await readStat(pid)
      if (stat === null || isGone(stat)) return []
      const value = (name: string) =>
        environ
          .split('\0')
          .find((e) => e.startsWith(`${name}=`))
          ?.slice(name.length + 1) ?? ''
      return [
        {
          pid,
          startTicks: stat.startTicks,
          testbed: value(marks.testbed),
          spec: value(marks.spec),
          place: value(marks.place),
          launchHash: value(marks.launch),
          leader: stat.group === pid,
          startedAtMs: Math.round(bootMs + (stat.startTicks * 1000) / ticksPerSecond),
        },
      ]
    }),
  )
  return found.flat()
}

export async function identify(pid: number): Promise<ProcessId | null> {
  const stat = await readStat(pid)
  return stat === null || isGone(stat) ? null : { pid, startTicks: stat.startTicks }
}

export async function isAlive(process: ProcessId): Promise<boolean> {
  return (await identify(process.pid))?.startTicks === process.startTicks
}

/** Whether a process stands still because it was told to stop. */
export async function isStopped(pid: number): Promise<boolean> {
  return (await readStat(pid))?.state === 'T'
}

/** Sends a signal to a process group, or to the process alone where it leads none. A process that is gone is no error. */
export function signalProcess(
  process: { readonly pid: number; readonly leader: boolean },
  signal: NodeJS.Signals,
): void {
  // 0 and -1 mean everybody in our group, or everybody at all.
  if (process.pid < 2) throw new TypeError(`no process has the number ${process.pid}`)
  try {
    globalThis.process.kill(process.leader ? -process.pid : process.pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/**
 * Ends processes: politely for `graceMs`, then at once. Nothing shortens the grace of one that was asked to end. Returns
 * those that live all the same: none, but for a program inside a disk call that never returns.
 */
export async function endProcesses(
  processes: readonly (ProcessId & { readonly leader: boolean })[],
  options: { readonly graceMs: number },
): Promise<readonly ProcessId[]> {
  if (options.graceMs > 0) {
    for (const process of processes) signalProcess(process, 'SIGTERM')
    if (await goneWithin(processes, options.graceMs)) return []
  }
  for (const process of processes) if (await isAlive(process)) signalProcess(process, 'SIGKILL')
  // SIGKILL cannot be refused; five seconds cover a process inside a slow disk call.
  if (await goneWithin(processes, 5_000)) return []
  const alive = await Promise.all(processes.map(isAlive))
  return processes.filter((_, index) => alive[index])
}

/** What is said of processes that could not be ended. */
export const stillThere = (left: readonly ProcessId[]): EzoneError =>
  new EzoneError('EZ_NOT_REMOVED', `still there after SIGKILL: ${left.map((p) => `pid ${p.pid}`).join(', ')}`)

async function goneWithin(processes: readonly ProcessId[], ms: number): Promise<boolean> {
  const until = systemClock.monotonicMs() + ms
  for (;;) {
    const alive = await Promise.all(processes.map(isAlive))
    if (!alive.includes(true)) return true
    if (systemClock.monotonicMs() > until) return false
    await sleep(15)
  }
}

interface Stat {
  readonly state: string
  readonly threads: number
  readonly group: number
  readonly startTicks: number
}

/** /proc/<pid>/stat; the program's name in parentheses may hold anything, so fields are counted from the last `)`. */
async function readStat(pid: number): Promise<Stat | null> {
  const text = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => null)
  if (text === null) return null
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return {
    state: fields[0] ?? '',
    threads: Number(fields[17]),
    group: Number(fields[2]),
    startTicks: Number(fields[19]),
  }
}

/**
 * A killed program is a zombie as soon as its first thread ended, while others may still hold its sockets and files:
 * in 13 of 60 kills of a Redis under load the port was still taken then, with one thread left in 0 of 47.
 */
const isGone = (stat: Stat): boolean => stat.state === 'Z' && stat.threads <= 1

async function bootTimeMs(): Promise<number> {
  const text = await readFile('/proc/stat', 'latin1')
  return Number(/^btime (\d+)$/m.exec(text)?.[1] ?? 0) * 1000
}

/** Changes with every boot of the machine. */
export async function bootId(): Promise<string> {
  return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => 'unknown')).trim()
}
