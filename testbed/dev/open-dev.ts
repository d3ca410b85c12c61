import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock } from '@ezone/sdk/clock'
import { EzoneError } from '@ezone/sdk/errors'
import { tagHeader } from '@ezone/sdk/model'
import { findRouter } from '../orders/find-router.ts'
import { currentStatus } from '../session/current.ts'
import { openTestbed, type Testbed } from '../session/testbed.ts'
import { folders } from '../surroundings/folders.ts'
import { portOf, type Zone } from '../topology/blueprint.ts'
import { readManifests } from '../topology/manifests.ts'
import type { OnDevEvent } from './events.ts'
import { findProject, type Project } from './project.ts'
import { RunningDev } from './running-dev.ts'
import { requireFittingSdk } from './sdk-version.ts'
import { unfitTables, unfitText } from './tables.ts'
import { type WayIn, waysIn } from './ways-in.ts'

/** A SOA proxy hears of a service at once, one of another zone within 2 s. */
const reachMs = 5_000
const askMs = 2_000

export interface DevWish {
  /** A folder, or the name of the service whose folder this is; undefined for this folder. */
  readonly project: string | undefined
  readonly here: string
  /** Name of the testbed. */
  readonly testbed: string
  /** One zone alone. */
  readonly zone: string | undefined
}

/** What is about to be developed, and where: all that can be refused has been. */
export interface DevGround {
  readonly testbed: Testbed
  readonly project: Project
  readonly zones: readonly Zone[]
}

/**
 * @throws EZ_NO_PROJECT, EZ_PROJECT_INVALID, EZ_SDK_MISMATCH, EZ_NO_TESTBED, EZ_NOT_RUNNING, EZ_UNKNOWN_ZONE,
 *   EZ_USAGE
 */
export async function devGround(wish: DevWish, signal: AbortSignal): Promise<DevGround> {
  const taken = (await readManifests()).map(({ name }) => name)
  const project = await findProject(wish.project, { here: wish.here, taken })
  await requireFittingSdk(project)
  const testbed = await openTestbed(folders().state, wish.testbed)
  const { state } = (await currentStatus(wish.testbed, signal)).status
  if (state !== 'ready')
    throw new EzoneError('EZ_NOT_RUNNING', `testbed ${wish.testbed} is ${state}; a service needs one that is ready`, {
      hint: 'Make it whole with `ezone up`; `ezone status` shows what is missing.',
    })
  const zones = zonesOf(testbed, project, wish.zone)
  if (wish.zone !== undefined) await requireTablesElsewhere(project, testbed, wish.zone)
  return { testbed, project, zones }
}

/** Has it serve, and tells where it is reached. @throws as `RunningDev.start` */
export async function openDev(ground: DevGround, onEvent: OnDevEvent, signal: AbortSignal): Promise<RunningDev> {
  const { testbed, project } = ground
  const running = await RunningDev.start({ ...ground, clock: systemClock, onEvent, signal })
  const warn = (text: string) => onEvent({ type: 'warning', text })
  try {
    for (const other of running.otherClasses)
      warn(`${project.name} registers itself as ${other}, but ezone.service.json says ${project.class}`)
    for (const unfit of await unfitTables(project, testbed)) warn(unfitText(unfit))
    await tellWaysIn(ground, onEvent, signal)
    return running
  } catch (error) {
    await running[Symbol.asyncDispose]()
    throw error
  }
}

function zonesOf({ blueprint }: Testbed, project: Project, wanted: string | undefined): readonly Zone[] {
  // What is not made for several zones lives in one.
  if (wanted === undefined) return project.class === 'home' ? blueprint.zones.slice(0, 1) : blueprint.zones
  const zones = blueprint.zones.filter(({ name }) => name === wanted)
  if (zones.length > 0) return zones
  throw new EzoneError('EZ_UNKNOWN_ZONE', `there is no zone ${wanted}`, {
    hint: `There are: ${blueprint.zones.map(({ name }) => name).join(', ')}.`,
  })
}

/** Rows travel to every zone: one that has no table for them stops the replication into it. */
async function requireTablesElsewhere(project: Project, testbed: Testbed, zone: string): Promise<void> {
  const unfit = await unfitTables(project, testbed)
  const missing = unfit.filter((one) => one.zone !== zone && one.why === 'missing')
  if (missing.length === 0) return
  throw new EzoneError('EZ_USAGE', missing.map(unfitText).join('; '), {
    hint: `Run \`ezone dev\` once without --zone, so that its tables are made everywhere.`,
  })
}

async function tellWaysIn(
  { testbed, project, zones }: DevGround,
  onEvent: OnDevEvent,
  signal: AbortSignal,
): Promise<void> {
  const door = testbed.blueprint.specs.find((spec) => spec.kind === 'service' && spec.service === 'router')
  const host = door && portOf(door, 'http')?.host
  if (host === undefined) return
  const base = `http://${host.host}:${host.port}/services/${project.name}`
  const names = zones.map(({ name }) => name)
  const ways = await waysIn(await findRouter(testbed.name), names, signal)
  for (const way of ways) {
    const answered = await untilAnswered(`${base}${project.health}`, way, signal)
    onEvent({ type: 'reachable', ...way, url: `${base}/`, answered })
  }
  for (const zone of names.filter((name) => ways.every((way) => way.zone !== name)))
    onEvent({ type: 'warning', text: `zone ${zone} serves no shard now: no request comes to it` })
}

/** The status of the first answer that the service itself gave, through a router; null where none came in time. */
async function untilAnswered(url: string, { tag }: WayIn, signal: AbortSignal): Promise<number | null> {
  const late = AbortSignal.timeout(reachMs)
  while (!late.aborted && !signal.aborted) {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(askMs)])
    const answer = await fetch(url, { headers: { [tagHeader]: tag }, signal: limit }).catch(() => null)
    await answer?.body?.cancel()
    if (answer?.ok) return answer.status
    await sleep(100, undefined, { signal }).catch(() => undefined)
  }
  signal.throwIfAborted()
  return null
}
