import { EzoneError } from '@ezone/sdk/errors'
import type { Clock, RoutingTable } from '@ezone/sdk/model'
import type { AgentClient } from '../agent/client.ts'
import { listFaults } from '../chaos/client.ts'
import { verifySources } from '../drc/verify/find-verify.ts'
import { patienceOf, verify } from '../drc/verify/verify.ts'
import { servedBy } from '../failover/zones.ts'
import type { GzsClient } from '../gzs/gzs-client.ts'
import type { MeasuredPath } from '../links/measure.ts'
import { requireAsAsked } from '../links/verdict.ts'
import type { Status } from '../session/status.ts'
import type { Testbed } from '../session/testbed.ts'
import type { Scenario } from './schema.ts'

export interface PreflightOptions {
  readonly testbed: Testbed
  readonly agent: AgentClient
  readonly gzs: Pick<GzsClient, 'table' | 'globalStatus'>
  readonly scenario: Scenario
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** What was found before a drill: the report shows it, and what was moved is put back there. */
export interface Before {
  readonly paths: readonly MeasuredPath[]
  readonly table: RoutingTable
  /** The zone that takes the writes of the Global Zone. */
  readonly globalMaster: string
}

const measureMs = 60_000
const equalWithinMs = 20_000

/**
 * Whether a drill may begin here: what is broken or unequal before it would be laid at its door.
 * @throws EZ_NOT_RUNNING, EZ_NOT_READY, EZ_FAULT_CONFLICT, EZ_LINK_NOT_AS_ASKED, EZ_LINK_BYPASSED, EZ_DRILL_UNKNOWN
 */
export async function preflight(options: PreflightOptions): Promise<Before> {
  const { testbed, agent, gzs, signal } = options
  requireReady((await agent.ask('GET', '/status', undefined, { signal })) as Status)
  const open = (await listFaults(agent, signal)).find(({ state }) => state !== 'ended')
  if (open !== undefined)
    throw new EzoneError('EZ_FAULT_CONFLICT', `fault ${open.id} (${open.kind} of ${open.target}) is in force already`)
  const [table, { zone }] = await Promise.all([gzs.table(signal), gzs.globalStatus(signal)])
  requireServed(options.scenario, table)
  const asked = agent.ask('POST', '/links/measure', undefined, { ms: measureMs, signal })
  const { paths } = (await asked) as { readonly paths: readonly MeasuredPath[] }
  requireAsAsked(paths)
  if (testbed.blueprint.zones.length > 1) await requireEqual(options)
  return { paths, table, globalMaster: zone.master }
}

function requireReady({ name, state, places }: Status): void {
  if (state === 'ready') return
  if (state === 'stopped' || state === 'absent') throw new EzoneError('EZ_NOT_RUNNING', `testbed ${name} is ${state}`)
  const dead = places.flatMap((place) =>
    [...place.servers, ...place.services]
      .filter((one) => one.state !== 'running')
      .map((one) => `${place.name}/${one.name}`),
  )
  throw new EzoneError(
    'EZ_NOT_READY',
    `testbed ${name} is ${state}; not running: ${dead.join(', ') || 'nobody knows what'}`,
    {
      hint: 'Start what is missing with `ezone up`; a drill begins on a testbed that is whole.',
    },
  )
}

/** A drill that moves a zone which has nothing would prove nothing. */
function requireServed({ name, timeline }: Scenario, table: RoutingTable): void {
  const first = timeline.find((step) => step.switch !== undefined)?.switch
  if (first === undefined || servedBy(table, first.from).length > 0) return
  throw new EzoneError('EZ_DRILL_UNKNOWN', `${name} moves the shards of ${first.from}, which serves none now`, {
    hint: `Move them back first: \`ezone failback ${first.from}\`.`,
  })
}

async function requireEqual({ testbed, clock, signal }: PreflightOptions): Promise<void> {
  const sources = verifySources(testbed, [], { clock, signal })
  const { equal, tables, unknown } = await verify({ ...sources, patience: patienceOf(equalWithinMs) })
  if (equal) return
  const differing = tables
    .filter((table) => table.differing > 0)
    .map((table) => `${table.name} (${table.differing} rows)`)
  const why = [...differing, ...unknown.map(({ reason }) => reason)]
  throw new EzoneError('EZ_DRILL_UNKNOWN', `the zones are not equal before the drill: ${why.join(', ')}`, {
    hint: '`ezone drc verify` shows the rows, `ezone drc status` whether replication goes on.',
  })
}
