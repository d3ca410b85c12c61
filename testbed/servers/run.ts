import { access, constants } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { childEnv, env } from '../surroundings/env.ts'

export interface RunOptions {
  readonly signal: AbortSignal
  readonly deadlineMs: number
  readonly cwd?: string
  /** Added to the surroundings of the child. */
  readonly env?: Readonly<Record<string, string>>
  /** What it reads, where it reads anything; already open streams are closed with it. */
  readonly input?: readonly [Readable, ...NodeJS.ReadWriteStream[]]
  /** Where its output goes, instead of into the result. */
  readonly output?: readonly [...NodeJS.ReadWriteStream[], Writable]
  /** Asks it to come to its end (SIGINT); how it ends then is no failure. */
  readonly ending?: AbortSignal
}

export interface Ran {
  readonly stdout: string
  readonly stderr: string
}

const outputBytesMax = 16 * 1024 * 1024

/**
 * Runs a program to its end and returns what it printed. It leads a process group of its own, which is killed whole at
 * abort or deadline: `go` and `mvn` start children that would go on building. Where util-linux is at hand the kernel
 * also kills it when ezone itself is killed, so that no build outlives `kill -9`.
 */
export async function run(program: string, args: readonly string[], options: RunOptions): Promise<Ran> {
  // Loaded here: a start that finds everything in the cache runs no program, and it costs 80 ms to load.
  const [{ execa }, leash] = await Promise.all([import('execa'), leashOf()])
  options.signal.throwIfAborted()
  const [file = program, ...rest] = [...leash, program, ...args]
  const child = execa(file, rest, {
    detached: true,
    stdin: options.input === undefined ? 'ignore' : 'pipe',
    reject: false,
    buffer: { stdout: options.output === undefined, stderr: true },
    env: childEnv({ LC_ALL: 'C', ...options.env }),
    extendEnv: false,
    ...(options.cwd !== undefined && { cwd: options.cwd }),
    maxBuffer: outputBytesMax,
  })
  const broken = new AbortController()
  const limit = AbortSignal.any([options.signal, AbortSignal.timeout(options.deadlineMs), broken.signal])
  const kill = () => killGroup(child.pid)
  limit.addEventListener('abort', kill, { once: true })
  const end = () => void child.kill('SIGINT')
  options.ending?.addEventListener('abort', end, { once: true })
  if (options.ending?.aborted) end()
  const flows = [
    ...(options.input && child.stdin ? [feed(options.input, child.stdin)] : []),
    ...(options.output && child.stdout ? [pipeline([child.stdout, ...options.output])] : []),
  ].map((flow) => flow.catch((error: unknown) => broken.abort(error)))
  try {
    const result = await child
    await Promise.all(flows)
    options.signal.throwIfAborted()
    // A program that died takes its pipe along: then its own words say more than the pipe's.
    if (result.failed && !limit.aborted && !options.ending?.aborted) throw new Error(`${program}: ${wordsOf(result)}`)
    if (broken.signal.aborted) throw result.stderr ? new Error(`${program}: ${wordsOf(result)}`) : broken.signal.reason
    if (limit.aborted) throw new Error(`${program}: no end within ${options.deadlineMs / 1000} s`)
    return { stdout: result.stdout ?? '', stderr: result.stderr }
  } finally {
    limit.removeEventListener('abort', kill)
    options.ending?.removeEventListener('abort', end)
  }
}

let leash: Promise<readonly string[]> | undefined

/** Words that, put before a command, make the kernel kill it with us; none where the machine has no such program. */
function leashOf(): Promise<readonly string[]> {
  leash ??= (async () => {
    const [{ execa }, setpriv] = await Promise.all([import('execa'), which('setpriv')])
    if (setpriv === null) return []
    const words = [setpriv, '--pdeathsig', 'KILL']
    // busybox has a setpriv too, without this option.
    const { failed } = await execa(setpriv, ['--pdeathsig', 'KILL', 'true'], { reject: false, timeout: 5_000 })
    return failed ? [] : words
  })()
  return leash
}

/** The file a program name stands for on PATH; null where there is none. */
export async function which(program: string, path = env('PATH') ?? ''): Promise<string | null> {
  for (const folder of path.split(delimiter).filter((entry) => entry.startsWith('/'))) {
    const file = join(folder, program)
    const found = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (found) return file
  }
  return null
}

/**
 * Gives a program its input. It may leave some unread (tar stops at the end of the archive, whatever comes after): then
 * its exit code decides. Input that breaks by itself is an error, also where the program would take it for the end.
 */
async function feed(input: readonly [Readable, ...NodeJS.ReadWriteStream[]], stdin: Writable): Promise<void> {
  const streams = input as readonly Readable[]
  let readEnough = false
  // Told by whose end comes first: here no stream before the program has failed or been closed half way.
  const note = () => {
    readEnough ||= streams.every((stream) => stream.errored === null && (!stream.destroyed || stream.readableEnded))
  }
  stdin.once('error', note).once('close', note)
  await pipeline([...input, stdin]).catch((error: unknown) => {
    if (!readEnough) throw error
  })
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It ended by itself in between.
  }
}

/**
 * The last lines of an output that say something, as one line; before them the one in which a program of Node's says why
 * it died, which is not among its last.
 */
function wordsOf(result: Partial<Record<'stderr' | 'stdout' | 'shortMessage', string | undefined>>): string {
  const lines = (result.stderr || result.stdout || '').split('\n').map((line) => line.trim())
  const last = lines.filter(Boolean).slice(-3)
  const died = lines.find((line) => /^\w*Error\b.*: /.test(line))
  if (died === undefined || last.includes(died))
    return last.join(' | ').slice(-600) || (result.shortMessage ?? 'failed')
  return `${died.slice(0, 300)} | ${last.join(' | ').slice(-300)}`
}
