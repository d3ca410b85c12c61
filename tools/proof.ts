import { execFile } from 'node:child_process'
import { mkdtempDisposable, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** A statement of the issue, and how to see with one's own eyes that it is so. One file per topic in tools/proofs. */
export interface Proof {
  /** The words of the issue, as they stand there. */
  readonly statement: string
  /** After this it counts as failed. Milliseconds. */
  readonly limitMs: number
  /** Returns what was seen, as plain data; throws where it is not as stated. */
  readonly see: (context: ProofContext) => Promise<Readonly<Record<string, unknown>>>
}

export interface ProofContext {
  readonly root: string
  readonly signal: AbortSignal
  /** Runs a program of this repository and returns what it printed on stdout; throws where it fails, with its last lines. */
  readonly run: (program: string, ...args: readonly string[]) => Promise<string>
  /** Does a part of the proof, unless it was shown before of this very code: what it saw is plain data. */
  readonly part: <T>(name: string, work: () => Promise<T>) => Promise<T>
}

export function contextOf(root: string, signal: AbortSignal): ProofContext {
  const run = async (program: string, ...args: readonly string[]) => {
    const options = { cwd: root, signal, maxBuffer: 256 * 1024 * 1024 }
    const { stdout } = await promisify(execFile)(program, args, options).catch((failed: Failed) => {
      const lines = `${failed.stdout ?? ''}\n${failed.stderr ?? ''}`.trim().split('\n').slice(-15)
      throw new Error(`${program} ${args.join(' ')} failed (${failed.code}):\n${lines.join('\n')}`, { cause: failed })
    })
    return stdout
  }
  return { root, signal, run, part: (_, work) => work() }
}

interface Failed {
  readonly code?: number | string
  readonly stdout?: string
  readonly stderr?: string
}

/** Ends a proof that does not hold. */
export function mustBe(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new Error(otherwise)
}

/** Runs test files and returns how many passed; throws where one failed, or where none ran. */
export async function testsPass(context: ProofContext, project: string, ...files: readonly string[]): Promise<number> {
  const { numPassedTests, numTotalTests } = await runTests(context, project, ...files)
  mustBe(numTotalTests > 0 && numPassedTests === numTotalTests, `${numPassedTests} of ${numTotalTests} tests passed`)
  return numPassedTests
}

/** What vitest counted; it writes its report to a file. */
export async function runTests(context: ProofContext, project: string, ...files: readonly string[]): Promise<Counted> {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'prove-'))
  const report = join(folder.path, 'report.json')
  await context.run('npx', 'vitest', 'run', '--project', project, '--reporter=json', `--outputFile=${report}`, ...files)
  return JSON.parse(await readFile(report, 'utf8')) as Counted
}

interface Counted {
  readonly numPassedTests: number
  readonly numPendingTests: number
  readonly numTotalTests: number
}
