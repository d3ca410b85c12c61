import { mkdir, mkdtempDisposable, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { PassThrough } from 'node:stream'
import { EzoneError } from '@ezone/sdk/errors'
import {
  type Address,
  outcomeHeader,
  requestKeyHeader,
  routeHeader,
  tagHeader,
  traceHeader,
  versionHeader,
} from '@ezone/sdk/model'
import { commandOf, type ServerHome } from '../servers/home.ts'
import { needRoom } from '../servers/room.ts'
import { run } from '../servers/run.ts'
import { fromSource } from '../surroundings/folders.ts'
import { marks } from '../surroundings/processes.ts'
import { AttemptCount, type K6Agreement } from './k6-agreement.ts'
import type { HandedOver, SummaryLine } from './k6-lines.ts'
import { parseLine, recordOf } from './k6-records.ts'
import { k6Hop } from './meter.ts'
import type { PlannedOperation } from './planned.ts'
import { type Arrivals, arrivalsOf, type Profile, peakOf } from './profile.ts'
import type { LoadRecord } from './records.ts'
import { type LoadRun, lateMsMax } from './run-load.ts'

/**
 * k6 holds one sender per operation under way, so this is all that a cut makes it hold: at a rate of 300, 330 of them.
 * Longer, and it would drop operations just while the platform is in trouble.
 */
export const k6TimeoutMs = 1_000
/** Some for those that are repeated, and for what k6 itself needs between two operations. */
const sendersSpare = 1.1
const sendersMin = 20
/** About 1 MB of memory each. */
const sendersMax = 6_000
/** To make its senders ready, and to come to its end. */
const readyMs = 120_000
const endMs = 30_000
/** The plan, and a megabyte for what else is written. */
const planBytesPerOperation = 250
const wordsKept = 20

export interface K6Options {
  readonly home: ServerHome
  readonly testbedId: string
  /** Where its files lie while it runs; they are removed with it. */
  readonly folder: string
  readonly routers: readonly Address[]
  readonly profile: Profile
  readonly plan: readonly PlannedOperation[]
  readonly run: string
  readonly onRecord: (record: LoadRecord) => void
  /** Told when its first operation has come back: when, on the wall clock, the load began. */
  readonly onBegun: (epochMs: number) => void
  /** Kills it. */
  readonly signal: AbortSignal
  /** Ends it early: what is under way is awaited. */
  readonly until: AbortSignal
}

export interface K6Run extends LoadRun {
  readonly k6: K6Agreement
}

/**
 * Has k6 send the operations of a plan, from one process of its own, and reads what came of each from its output.
 * @throws EZ_NO_DISK, EZ_STATE_UNREADABLE, EZ_STRESS_VOID where k6 does not do its work
 */
export async function runK6(options: K6Options): Promise<K6Run> {
  const { folder, profile, plan, home, until, signal } = options
  await needRoom(folder, 1_048_576 + plan.length * planBytesPerOperation)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await using made = await mkdtempDisposable(join(folder, 'k6-'))
  const handedFile = await handOver(made.path, options)
  const reading = new Reading(options)
  const output = new PassThrough()
  const lines = reading.follow(output)
  const forMs = profile.at(-1)?.atMs ?? 0
  const [program, ...before] = commandOf(home, 'k6')
  const args = [...before, 'run', ...fixed, '--config', join(made.path, 'config.json'), scriptFile]
  const ran = run(program, args, {
    env: {
      [marks.testbed]: options.testbedId,
      [marks.spec]: k6Hop,
      ...{ K6_AUTO_EXTENSION_RESOLUTION: 'false', K6_NO_USAGE_REPORT: 'true', EZONE_STRESS: handedFile },
    },
    ...{ signal, deadlineMs: readyMs + forMs + endMs, output: [output], ending: until },
  })
  const failure = await ran.then(
    () => null,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  )
  output.end()
  await lines
  signal.throwIfAborted()
  return reading.result(failure)
}

/** Nothing listens, nothing is asked of the internet, nothing is printed but our lines. */
const fixed = ['--quiet', '--no-color', '--address', '', '--log-output', 'stdout', '--log-format', 'raw'] as const

const scriptFile = join(import.meta.dirname, 'k6', `script.${fromSource ? 'ts' : 'js'}`)

/** Writes what the script reads; returns the path of the file it opens first. */
async function handOver(folder: string, options: K6Options): Promise<string> {
  const { routers, profile, plan, run } = options
  const files = { plan: join(folder, 'plan.json'), handed: join(folder, 'handed.json') }
  const handed: HandedOver = {
    plan: files.plan,
    run,
    routers: routers.map(({ host, port }) => `http://${host}:${port}`),
    timeoutMs: k6TimeoutMs,
    headers: { tag: tagHeader, key: requestKeyHeader, trace: traceHeader },
    answers: { route: canonical(routeHeader), version: canonical(versionHeader), outcome: canonical(outcomeHeader) },
    options: k6OptionsOf(profile),
  }
  try {
    await writeFile(files.plan, JSON.stringify(plan), { mode: 0o600 })
    await writeFile(files.handed, JSON.stringify(handed), { mode: 0o600 })
    await writeFile(join(folder, 'config.json'), '{}', { mode: 0o600 })
  } catch (cause) {
    const full = ['ENOSPC', 'EDQUOT'].includes((cause as NodeJS.ErrnoException).code ?? '')
    const message = `${folder} cannot be written: ${(cause as Error).message}`
    throw new EzoneError(full ? 'EZ_NO_DISK' : 'EZ_STATE_UNREADABLE', message, { cause })
  }
  return files.handed
}

/** As Go writes the names of headers. */
const canonical = (name: string) =>
  name.replace(/(^|-)([a-z])/g, (_, dash: string, c: string) => dash + c.toUpperCase())

/** k6 takes whole numbers: of operations in a thousand seconds, and of milliseconds. Pure. */
export function k6OptionsOf(profile: Profile): object {
  const perThousandSeconds = (qps: number) => Math.max(1, Math.round(qps * 1_000))
  const senders = sendersOf(profile)
  return {
    discardResponseBodies: true,
    // Metrics of one value each; what they are about is said by our lines.
    systemTags: [],
    summaryTrendStats: ['med', 'p(99)'],
    scenarios: {
      load: {
        executor: 'ramping-arrival-rate',
        startRate: perThousandSeconds(profile[0]?.qps ?? 0),
        timeUnit: '1000s',
        preAllocatedVUs: senders,
        maxVUs: senders,
        stages: profile.slice(1).map((to, index) => ({
          duration: `${to.atMs - (profile[index]?.atMs ?? 0)}ms`,
          target: perThousandSeconds(to.qps),
        })),
        gracefulStop: `${2 * k6TimeoutMs}ms`,
      },
    },
  }
}

/** All are made before the load begins: k6 drops operations while it makes one. */
export const sendersOf = (profile: Profile): number =>
  Math.min(sendersMax, Math.ceil((peakOf(profile) * k6TimeoutMs * sendersSpare) / 1_000) + sendersMin)

class Reading {
  readonly #options: K6Options
  readonly #arrivals: Arrivals
  readonly #attempts = new AttemptCount()
  readonly #words: string[] = []
  #sent = 0
  #inTime = 0
  #lastMs = 0
  #summary: SummaryLine | null = null

  constructor(options: K6Options) {
    this.#options = options
    this.#arrivals = arrivalsOf(options.profile)
  }

  async follow(output: NodeJS.ReadableStream): Promise<void> {
    for await (const text of createInterface({ input: output, crlfDelay: Number.POSITIVE_INFINITY })) this.#take(text)
  }

  #take(text: string): void {
    const line = parseLine(text)
    if (line.type === 'summary') this.#summary = line.summary
    if (line.type === 'words' && this.#words.push(line.text) > wordsKept) this.#words.shift()
    if (line.type !== 'operation') return
    const record = recordOf(line.operation, this.#arrivals)
    if (this.#sent++ === 0) this.#options.onBegun(line.operation[1])
    if (record.sentMs - record.intendedMs <= lateMsMax) this.#inTime++
    this.#lastMs = Math.max(this.#lastMs, record.intendedMs)
    this.#attempts.add(line.operation)
    this.#options.onRecord(record)
  }

  result(failure: string | null): K6Run {
    const { home, until } = this.#options
    if (failure !== null || this.#summary === null)
      throw new EzoneError('EZ_STRESS_VOID', `k6 ${home.version} did not do its work: ${this.#why(failure)}`)
    const { dropped } = this.#summary
    return {
      intended: this.#sent + dropped,
      sent: this.#sent,
      inTime: this.#inTime,
      dropped,
      ranMs: until.aborted ? this.#lastMs : this.#arrivals.forMs,
      k6: this.#attempts.agreement(this.#summary, home.version, until.aborted),
    }
  }

  #why(failure: string | null): string {
    const said = this.#words.filter((text) => text.trim() !== '').slice(-3)
    const ended = /\bSIG[A-Z]+\b/.exec(failure ?? '')?.[0]
    return [ended === undefined ? (failure ?? 'it ended without a summary') : `it was ended by ${ended}`, ...said].join(
      ' | ',
    )
  }
}
