import { access, constants } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { execa } from 'execa'
import { childEnv, env } from '../surroundings/env.ts'

export interface RunOptions {
  readonly signal: AbortSignal
  readonly deadlineMs: number
  readonly cwd?: string
  /** Added to the surroundings of the child. */
  readonly env?: Readonly<Record<string, string>>
}

export interface Ran {
  readonly stdout: string
  readonly stderr: string
}

/**
 * Runs a program to its end and returns what it printed. It leads a process group of its own, which is killed whole at
 * abort or deadline: `go` and `mvn` start children that would go on building. Where util-linux is at hand the kernel
 * also kills it when ezone itself is killed, so that no build outlives `kill -9`.
 */
export async function run(program: string, args: readonly string[], options: RunOptions): Promise<Ran> {
  options.signal.throwIfAborted()
  const leash = await which('setpriv')
  const [file, rest] = leash === null ? [program, args] : [leash, ['--pdeathsig', 'KILL', program, ...args]]
  const child = execa(file, rest, {
    detached: true,
    stdin: 'ignore',
    reject: false,
    env: childEnv({ LC_ALL: 'C', ...options.env }),
    extendEnv: false,
    ...(options.cwd !== undefined && { cwd: options.cwd }),
    maxBuffer: 16 * 1024 * 1024,
  })
  const limit = AbortSignal.any([options.signal, AbortSignal.timeout(options.deadlineMs)])
  const kill = () => killGroup(child.pid)
  limit.addEventListener('abort', kill, { once: true })
  try {
    const result = await child
    options.signal.throwIfAborted()
    if (limit.aborted) throw new Error(`${program}: no end within ${options.deadlineMs / 1000} s`)
    if (result.failed)
      throw new Error(`${program}: ${lastWords(result.stderr || result.stdout) || result.shortMessage}`)
    return { stdout: result.stdout, stderr: result.stderr }
  } finally {
    limit.removeEventListener('abort', kill)
  }
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

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It ended by itself in between.
  }
}

/** The last lines of an output that say something, as one line. */
function lastWords(text: string): string {
  const lines = text.split('\n').map((line) => line.trim())
  return lines.filter(Boolean).slice(-3).join(' | ').slice(-600)
}
