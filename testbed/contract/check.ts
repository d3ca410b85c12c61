import { randomUUID } from 'node:crypto'
import { systemClock } from '@ezone/sdk/clock'
import { EzoneError } from '@ezone/sdk/errors'
import { type Address, tagHeader } from '@ezone/sdk/model'
import { type DevGround, openDev } from '../dev/open-dev.ts'
import type { RunningDev } from '../dev/running-dev.ts'
import { waysIn } from '../dev/ways-in.ts'
import { findGzs } from '../gzs/find-gzs.ts'
import { findRouter } from '../orders/find-router.ts'
import { portOf } from '../topology/blueprint.ts'
import { type CheckName, checkNames } from './check-names.ts'
import { type Finding, type NamedFinding, unknown, worst } from './finding.ts'
import { followsMoves } from './follows-moves.ts'
import type { CheckGround, Side } from './ground.ts'
import { refusesForeign } from './refuses-foreign.ts'
import { repeatsOnce } from './repeats-once.ts'
import { ServiceClient } from './service-client.ts'
import { survives } from './survives.ts'

interface Check {
  readonly statement: string
  readonly run: (ground: CheckGround) => Promise<Finding>
}

const checks: Readonly<Record<CheckName, Check>> = {
  'repeats-once': {
    statement: 'a request that is sent again, later or at the same time, is done once and answered alike',
    run: repeatsOnce,
  },
  'follows-moves': {
    statement: 'before, while and after a shard moves, writes are done in its zone, none fails, and none is lost',
    run: followsMoves,
  },
  'refuses-foreign': {
    statement: 'an instance refuses writes unsigned, of another zone, of a shard of another zone, of an old epoch',
    run: refusesForeign,
  },
  survives: {
    statement: 'what was acknowledged is there after the link was cut, a zone was left, and got its shards back',
    run: survives,
  },
}

/** `data` of `ezone check`: a contract, fields are only ever added. */
export interface CheckResult {
  readonly name: string
  readonly verdict: Finding['verdict']
  readonly checks: readonly NamedFinding[]
  readonly tookMs: number
}

export interface CheckOptions {
  /** All by default. */
  readonly only: readonly CheckName[]
  readonly onFinding: (finding: NamedFinding) => void
  readonly signal: AbortSignal
}

/**
 * Runs a service in both zones of a testbed and holds it against what the platform asks of every service. It takes the
 * testbed for itself: a shard moves, a link is cut, a zone is left; all of it is put back.
 * @throws as `devGround` and `openDev`
 */
export async function checkService(ground: DevGround, options: CheckOptions): Promise<CheckResult> {
  const { project } = ground
  const startMs = systemClock.monotonicMs()
  const wanted = checkNames.filter((name) => options.only.length === 0 || options.only.includes(name))
  const findings: NamedFinding[] = []
  const tell = (name: CheckName, finding: Finding) => {
    const named = { name, statement: checks[name].statement, ...finding }
    findings.push(named)
    options.onFinding(named)
  }
  const unasked = cannotBeAsked(ground)
  if (unasked !== null) {
    for (const name of wanted) tell(name, unknown(unasked))
  } else {
    await using running = await openDev(ground, () => undefined, options.signal)
    const stand = await groundOf(ground, running, options.signal)
    for (const name of wanted) tell(name, await checks[name].run(stand).catch((error) => untold(error, options.signal)))
  }
  const tookMs = Math.round(systemClock.monotonicMs() - startMs)
  return { name: project.name, verdict: worst(findings), checks: findings, tookMs }
}

/** Why there is nothing to ask it; null where there is. */
function cannotBeAsked({ project }: DevGround): string | null {
  if (project.contract === undefined) return 'ezone.service.json has no contract: how to write and read is not known'
  return project.class === 'multi-active' ? null : `a service that is ${project.class} does not write by shards`
}

/** A check that could not be ended says nothing of the service. */
function untold(error: unknown, signal: AbortSignal): Finding {
  signal.throwIfAborted()
  if (EzoneError.is(error)) return unknown(`${error.code}: ${error.message}`)
  throw error
}

async function groundOf(ground: DevGround, running: RunningDev, signal: AbortSignal): Promise<CheckGround> {
  const { testbed, project } = ground
  if (project.contract === undefined) throw new TypeError('a service without a contract cannot be checked')
  const [router, gzs] = await Promise.all([findRouter(testbed.name), findGzs(testbed.name)])
  const zones = ground.zones.map(({ name }) => name)
  const ways = await waysIn(router, zones, signal)
  const sides: Side[] = []
  for (const { zone, tag } of ways) {
    const { shard, cell } = await router.explain(tag, signal)
    const address = running.serving.find((one) => one.zone === zone)?.address
    if (address !== undefined) sides.push({ zone, tag, shard, cell, address })
  }
  // The zone that is left is not the one with the global master: that would have to go back by itself.
  const [other, home] = sides.toSorted((a, b) => Number(isMaster(ground, b)) - Number(isMaster(ground, a)))
  if (home === undefined || other === undefined)
    throw new EzoneError(
      'EZ_CONTRACT_UNKNOWN',
      `${project.name} is checked between two zones that serve shards; there are ${sides.length}`,
    )
  const client = new ServiceClient({ name: project.name, contract: project.contract, router: doorOf(ground), signal })
  const run = randomUUID().slice(0, 8)
  let n = 0
  const key = () => `check-${run}-${++n}`
  return { testbed, project, client, gzs, router, sides: [home, other], key, signal }
}

const isMaster = ({ testbed }: DevGround, { zone }: Side) => testbed.blueprint.globalMaster === zone

function doorOf({ testbed }: DevGround): Address {
  const router = testbed.blueprint.specs.find((spec) => spec.kind === 'service' && spec.service === 'router')
  const door = router && portOf(router, 'http')?.host
  if (door === undefined) throw new TypeError(`testbed ${testbed.name} has no router, so ${tagHeader} leads nowhere`)
  return door
}

/** @throws EZ_CONTRACT_BROKEN, EZ_CONTRACT_UNKNOWN */
export function requireSound({ name, verdict, checks: all }: CheckResult): void {
  const of = (wanted: Finding['verdict']) => all.filter((one) => one.verdict === wanted).map((one) => one.name)
  if (verdict === 'invalid')
    throw new EzoneError('EZ_CONTRACT_BROKEN', `${name} is not as the platform needs it: ${of('invalid').join(', ')}`)
  if (verdict === 'unknown')
    throw new EzoneError('EZ_CONTRACT_UNKNOWN', `of ${name} it could not be told: ${of('unknown').join(', ')}`)
}

export const findingText = ({ name, verdict, checked, why, statement }: NamedFinding): string =>
  `${verdict === 'valid' ? 'ok     ' : verdict === 'invalid' ? 'BROKEN ' : 'UNKNOWN'} ${name} (${checked} requests): ${why ?? statement}`
