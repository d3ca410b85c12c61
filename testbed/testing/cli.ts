import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { constants as osConstants, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock } from '@ezone/sdk/clock'
import { folders, packageRoot } from '../surroundings/folders.ts'
import { leaks, rememberOctets, takeStock } from './leaks.ts'

export type TestRuntime = 'process' | 'docker'

/** The runtime the zone tests run on: `process`, or what EZONE_TEST_RUNTIME says. */
export const testRuntime = (process.env.EZONE_TEST_RUNTIME ?? 'process') as TestRuntime

const settleMs = 3_000

export interface Answer {
  readonly exit: number
  /** `data` of the envelope. */
  readonly data: never
  readonly error: {
    readonly code: string
    readonly message: string
    readonly hint: string
    readonly cause: string | null
  } | null
  readonly stderr: string
}

/** A command that goes on until it is ended. */
export interface Followed {
  readonly child: ChildProcess
  readonly events: readonly (Readonly<Record<string, unknown>> & { readonly type: string })[]
  readonly words: readonly string[]
  readonly ended: Promise<number | null>
}

/**
 * The CLI as a user runs it, built, on a state folder of its own; servers come from the ordinary cache.
 * Disposed, it takes down whatever is left and tells what should not have been left.
 */
export class Cli implements AsyncDisposable {
  readonly #sandbox: string
  readonly #runtime: TestRuntime
  readonly state: string
  readonly #before: Awaited<ReturnType<typeof takeStock>>

  private constructor(sandbox: string, runtime: TestRuntime, before: Awaited<ReturnType<typeof takeStock>>) {
    this.#sandbox = sandbox
    this.#runtime = runtime
    this.state = join(sandbox, 'state')
    this.#before = before
  }

  static async open(runtime: TestRuntime = testRuntime): Promise<Cli> {
    const sandbox = await mkdtemp(join(tmpdir(), 'ezt-'))
    for (const folder of ['state', 'tmp', 'home']) await mkdir(join(sandbox, folder))
    return new Cli(sandbox, runtime, await takeStock({ sandbox, engine: runtime === 'docker' }))
  }

  /** Runs a command with --json to its end. */
  async run(...args: readonly string[]): Promise<Answer> {
    const child = this.start(...args)
    return await child.answer
  }

  /** Starts a command with --json and leaves it running: to be interrupted, or killed. */
  start(...args: readonly string[]): { readonly child: ChildProcess; readonly answer: Promise<Answer> } {
    const child = spawn(process.execPath, [join(packageRoot, 'bin', 'run.js'), ...args, '--json'], {
      cwd: this.state,
      env: this.#env(),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    return { child, answer: answerOf(child) }
  }

  /** Starts a command with --events and leaves it running; its events and words are kept as they come. */
  follow(...args: readonly string[]): Followed {
    const child = spawn(process.execPath, [join(packageRoot, 'bin', 'run.js'), ...args, '--events'], {
      cwd: this.state,
      env: this.#env(),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const events: Followed['events'][number][] = []
    const words: string[] = []
    createInterface({ input: child.stdout }).on('line', (line) => events.push(JSON.parse(line)))
    child.stderr.on('data', (chunk: Buffer) => words.push(chunk.toString()))
    const ended = once(child, 'close').then(([exit]) => exit as number | null)
    return { child, events, words, ended }
  }

  up(...args: readonly string[]): Promise<Answer> {
    return this.run('up', '--runtime', this.#runtime, ...args)
  }

  startUp(...args: readonly string[]): ReturnType<Cli['start']> {
    return this.start('up', '--runtime', this.#runtime, ...args)
  }

  folder(name = 'default'): string {
    return join(this.state, 'testbeds', name)
  }

  /** Remembers the blocks of a testbed, so that a socket left in them is noticed after its record is gone. */
  async watch(name = 'default'): Promise<void> {
    const record = JSON.parse(await readFile(join(this.folder(name), 'testbed.json'), 'utf8')) as {
      octets: Record<string, number>
    }
    rememberOctets(this.#sandbox, Object.values(record.octets))
  }

  /** Ends a server from outside, as a crash would. */
  async kill(server: { readonly pid: number | null; readonly container: string | null }): Promise<void> {
    if (server.container === null) return killNow(server.pid)
    const { default: Dockerode } = await import('dockerode')
    await new Dockerode().getContainer(server.container).kill()
  }

  /**
   * Everything of this CLI's testbeds that is there now and was not there before. What is ending gets a moment to end:
   * the agent answers before it goes.
   */
  async leaks(): Promise<readonly string[]> {
    const until = systemClock.monotonicMs() + settleMs
    for (;;) {
      const stock = await takeStock({ sandbox: this.#sandbox, engine: this.#runtime === 'docker' })
      const left = leaks(this.#before, stock)
      if (left.length === 0 || systemClock.monotonicMs() > until) return left
      await sleep(100)
    }
  }

  /** Temp folder and home are the sandbox's own, so that whatever is forgotten there is seen, and is nobody else's. */
  #env(): NodeJS.ProcessEnv {
    return {
      ...process.env,
      EZONE_STATE_DIR: this.state,
      EZONE_CACHE_DIR: folders().cache,
      TMPDIR: join(this.#sandbox, 'tmp'),
      HOME: join(this.#sandbox, 'home'),
      NODE_ENV: '',
      CI: '1',
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const down = await this.run('down', '--all')
    // The sandbox stays then: without the ids in it nobody could find what was left.
    if (down.exit !== 0) throw new Error(`down failed: ${down.error?.message} ${down.stderr}`)
    await rm(this.#sandbox, { recursive: true, force: true })
  }
}

/** kill -9. Never of 0: that is everybody in our own process group, the test runner and whoever started it included. */
export function killNow(pid: number | null | undefined): void {
  if (!pid || pid < 2) throw new TypeError(`there is no process ${pid} to kill`)
  process.kill(pid, 'SIGKILL')
}

async function answerOf(child: ChildProcess): Promise<Answer> {
  let stdout = ''
  let stderr = ''
  child.stdout?.on('data', (chunk) => {
    stdout += chunk
  })
  child.stderr?.on('data', (chunk) => {
    stderr += chunk
  })
  const [exit, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
  const envelope = stdout.trim() === '' ? {} : (JSON.parse(stdout) as { data?: never; error?: Answer['error'] })
  return {
    exit: exit ?? 128 + (osConstants.signals[signal ?? 'SIGTERM'] ?? 0),
    data: envelope.data as never,
    error: envelope.error ?? null,
    stderr,
  }
}
