import { systemClock } from '@ezone/sdk/clock'
import { EzoneError } from '@ezone/sdk/errors'
import { z } from 'zod'
import { AgentClient } from '../agent/client.ts'
import { drcFacts } from '../drc/facts.ts'
import { lanesOf } from '../drc/lanes.ts'
import { verifySources } from '../drc/verify/find-verify.ts'
import { patienceOf, verify } from '../drc/verify/verify.ts'
import type { Testbed } from '../session/testbed.ts'
import { lockedOrders } from './locked-orders.ts'
import type { Findings } from './preflight.ts'

const agentMs = 2_000
const verifyMs = 30_000

const faultsSchema = z.object({
  faults: z.array(z.looseObject({ id: z.string(), kind: z.string(), target: z.string(), state: z.string() })),
})

export interface LookOptions {
  readonly from: string
  readonly to: string
  readonly shards: readonly number[]
  /** Whether the rows of both zones are compared: it takes a while. */
  readonly compare: boolean
  readonly signal: AbortSignal
}

/** Looks at what a planned switch rests on, all at once. */
export async function lookAround(
  testbed: Testbed,
  { from, to, shards, compare, signal }: LookOptions,
): Promise<Findings> {
  const { blueprint, credentials } = testbed
  const sources = { blueprint, credentials, clock: systemClock, signal }
  const [facts, faults, locked, differing] = await Promise.all([
    drcFacts(sources),
    faultsInForce(testbed, signal),
    lockedOrders(testbed, from, shards),
    compare ? differingTables(testbed, [from, to], signal) : null,
  ])
  return { from, to, lanes: lanesOf(facts), faults, locked, differing }
}

/** In words; none where no agent answers: then no fault is held. */
export async function faultsInForce(
  { folder }: Pick<Testbed, 'folder'>,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const asked = new AgentClient(folder).ask('GET', '/faults', undefined, { ms: agentMs, signal })
  const answer = await asked.catch((error: unknown) => {
    if (!EzoneError.is(error, 'EZ_NOT_RUNNING')) throw error
    return { faults: [] }
  })
  const inForce = faultsSchema.parse(answer).faults.filter(({ state }) => state !== 'ended')
  return inForce.map(({ id, kind, target }) => `${kind} of ${target} (${id})`)
}

async function differingTables(
  testbed: Testbed,
  zones: readonly string[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const report = await verify({
    ...verifySources(testbed, zones, { clock: systemClock, signal }),
    patience: patienceOf(verifyMs),
  })
  const unknown = report.unknown.map(({ table, reason }) => `${table ?? 'a table'} could not be compared (${reason})`)
  return [...new Set([...report.differences.map(({ table }) => table), ...unknown])]
}
