import { randomBytes } from 'node:crypto'
import { systemClock } from '@ezone/sdk/clock'
import { EzoneError } from '@ezone/sdk/errors'
import type { Address } from '@ezone/sdk/model'
import { readGroundData } from '../orders/ground-data.ts'
import { openTestbed, type Testbed } from '../session/testbed.ts'
import { folders } from '../surroundings/folders.ts'
import { type Blueprint, portOf, specOf } from '../topology/blueprint.ts'
import { costOf, sampleCost } from './cost.ts'
import { EdgeClient } from './edge-client.ts'
import { type Mix, orderMix } from './order-mix.ts'
import type { LoadRecord, Outcome } from './records.ts'
import { runLoad } from './run-load.ts'
import { type LoadSummary, lateShareMax, Tally } from './tally.ts'

/** `data` of `stress`: a contract (docs/output.md), fields are only ever added. */
export interface StressResult extends LoadSummary {
  readonly seed: number
  readonly forMs: number
  readonly cpuPerHop: Readonly<Record<string, number>>
  /** `generator`, `machine`, a spec id such as `sh/mysql`, or null: nothing was short. */
  readonly limitedBy: string | null
}

export interface LoadProgress extends Readonly<Record<Outcome, number>> {
  readonly elapsedMs: number
}

const progressMs = 500

export interface StressOptions {
  readonly name: string
  readonly qps: number
  readonly forMs: number
  readonly seed: number
  readonly mix: Mix
  readonly signal: AbortSignal
  readonly onRecord?: (record: LoadRecord) => void
  /** Twice a second. */
  readonly onProgress?: (progress: LoadProgress) => void
}

/** Every API Router of a testbed, in all edges. */
export function routersOf(blueprint: Blueprint): readonly Address[] {
  return blueprint.specs
    .filter((spec) => spec.kind === 'service' && spec.service === 'router')
    .flatMap((spec) => portOf(spec, 'http')?.host ?? [])
}

/**
 * Loads the chain from the edge on, through every API Router, as clients would.
 * @throws EZ_NO_TESTBED, EZ_NOT_RUNNING, EZ_INTERRUPTED
 */
export async function stress(options: StressOptions): Promise<StressResult> {
  const testbed = await openTestbed(folders().state, options.name)
  const routers = routersOf(testbed.blueprint)
  await requireRouter(testbed, routers, options.signal)
  const { qps, forMs, mix, seed, signal } = options
  await using client = new EdgeClient(routers)
  const run = randomBytes(6).toString('hex')
  const operations = orderMix({ client, ...(await readGroundData()), mix, seed, run })
  const tally = new Tally()
  const soFar = { ok: 0, failed: 0, unknown: 0 }
  const onRecord = (record: LoadRecord) => {
    tally.add(record)
    soFar[record.outcome]++
    options.onRecord?.(record)
  }
  const before = await sampleCost(testbed.blueprint.id)
  const beganMs = systemClock.monotonicMs()
  const tell = () => options.onProgress?.({ ...soFar, elapsedMs: systemClock.monotonicMs() - beganMs })
  const telling = setInterval(tell, progressMs)
  const load = await runLoad({ qps, forMs, operations, onRecord, signal }).finally(() => clearInterval(telling))
  const after = await sampleCost(testbed.blueprint.id)
  signal.throwIfAborted()
  const summary = tally.summary(qps, load)
  const nameOf = (id: string) => hopOf(testbed.blueprint, id)
  const { cpuPerHop, limit } = costOf(before, after, { requests: summary.requests, ranMs: load.ranMs, nameOf })
  return {
    ...summary,
    seed,
    forMs,
    cpuPerHop,
    limitedBy: summary.late > summary.requests * lateShareMax ? 'generator' : limit,
  }
}

/** @throws EZ_STRESS_VOID where the figures are not about the platform, EZ_STRESS_NOT_HELD where it did less than asked */
export function requireHeld(summary: LoadSummary): void {
  const { verdict, askedQps, heldQps, dropped, late, requests, ok, failed, unknown } = summary
  if (verdict === 'valid') return
  if (verdict === 'unknown')
    throw new EzoneError(
      'EZ_STRESS_NOT_HELD',
      `of ${askedQps} requests/s ${heldQps} held: of ${requests} ${failed} failed and ${unknown} are unknown`,
    )
  if (ok === 0) throw new EzoneError('EZ_STRESS_VOID', `none of ${requests} requests was answered well`)
  throw new EzoneError(
    'EZ_STRESS_VOID',
    `of ${askedQps} requests/s ${heldQps} held: ${dropped} were dropped and ${late} of ${requests} left late`,
  )
}

/** All instances of a service or kind of store are one hop: `edge/router-2` is `router`. */
function hopOf(blueprint: Blueprint, id: string): string {
  const spec = specOf(blueprint, id)
  return spec?.kind === 'service' ? spec.service : (spec?.name ?? id)
}

async function requireRouter({ name }: Testbed, routers: readonly Address[], signal: AbortSignal): Promise<void> {
  const limited = AbortSignal.any([signal, AbortSignal.timeout(2_000)])
  const ready = await Promise.all(
    routers.map(({ host, port }) =>
      fetch(`http://${host}:${port}/readyz`, { signal: limited }).then(
        (answer) => answer.ok,
        () => false,
      ),
    ),
  )
  signal.throwIfAborted()
  if (!ready.includes(true)) throw new EzoneError('EZ_NOT_RUNNING', `no API Router of testbed ${name} is ready`)
}
