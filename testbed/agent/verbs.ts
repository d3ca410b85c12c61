import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { EzoneError } from '@ezone/sdk/errors'
import type { MeasuredPath } from '../links/measure.ts'
import { bringDown, bringUp, type Doing } from '../session/bring-up.ts'
import { type Equipped, equip } from '../session/equip.ts'
import { criticalPath } from '../session/execute.ts'
import { pastStarts, rememberStart, type StartTime, slowdown } from '../session/history.ts'
import { removeFolder, writeRecord } from '../session/record.ts'
import { readStarted, writeStarted } from '../session/started.ts'
import type { Status } from '../session/status.ts'
import { targetsOf } from '../session/status.ts'
import { bootId } from '../surroundings/processes.ts'
import type { Agent } from './agent.ts'
import type { NewEvent } from './events.ts'

/** Result of `up`: the status, and how this start compares. */
export interface UpResult extends Status {
  readonly operations: number
  /** When each operation of the plan began and ended, milliseconds after the plan began. */
  readonly times: readonly { readonly id: string; readonly beginMs: number; readonly endMs: number }[]
  /** Every path as it was measured at the end; none where nothing had to be done. */
  readonly paths: readonly MeasuredPath[]
}

const stopGraceMs = 10_000
const undoGraceMs = 2_000

/** `up` and `start`: whatever is missing, dead or different is started; then every path is measured. */
export async function up(agent: Agent, renew: readonly string[] = []): Promise<UpResult> {
  const verb = renew.length > 0 ? 'restart' : 'up'
  await agent.faults.requireNothingKilled()
  return agent.alone(verb, 'starting', (signal) => startOrUndo(agent, signal, renew))
}

async function startOrUndo(agent: Agent, signal: AbortSignal, renew: readonly string[]): Promise<UpResult> {
  const before = new Set((await agent.observer.observe(signal)).map((o) => o.specId))
  try {
    return await start(agent, signal, renew)
  } catch (error) {
    // What an abort broke on its way is not the reason.
    const cause = signal.aborted ? signal.reason : error
    await undo(agent, before, cause).catch((failed: Error) =>
      agent.options.journal.tell({ type: 'warning', text: `not all could be taken back: ${failed.message}` }),
    )
    throw cause
  }
}

async function start(agent: Agent, signal: AbortSignal, renew: readonly string[]): Promise<UpResult> {
  const { testbed, clock, journal } = agent.options
  const begin = clock.monotonicMs()
  const equipped = await equip(testbed, {
    cacheFolder: agent.options.cacheFolder,
    tell: journal.tell,
    nowMs: () => clock.monotonicMs(),
    signal,
  })
  const equipMs = clock.monotonicMs() - begin
  const { plan, times } = await bringUp(equipped, await doing(agent, signal), renew)
  const paths = plan.ops.length === 0 ? [] : await agent.links.prove(signal)
  if (plan.ops.length > 0)
    await remember(agent, equipped, {
      at: new Date(clock.nowMs()).toISOString(),
      name: testbed.name,
      runtime: testbed.record.runtime,
      data: testbed.record.grown ? 'kept' : 'fresh',
      servers: plan.ops.filter((op) => op.op === 'start').length,
      readyMs: Math.round(clock.monotonicMs() - begin),
      equipMs: Math.round(equipMs),
      criticalPath: criticalPath(times).map((t) => `${t.id} ${Math.round(t.endMs - t.beginMs)} ms`),
      times: times.map((t) => ({ id: t.id, beginMs: Math.round(t.beginMs), endMs: Math.round(t.endMs) })),
    })
  journal.tell({ type: 'phase', phase: 'ready', verb: 'up' })
  return { ...(await agent.status(signal)), state: 'ready', operations: plan.ops.length, times, paths }
}

/** Keeps how this start went, and says so when it was slow for what it was. */
async function remember(agent: Agent, { homes }: Equipped, made: StartTime): Promise<void> {
  const { testbed, stateFolder, journal } = agent.options
  const versions = Object.fromEntries([...homes].map(([kind, home]) => [kind, home.version]))
  await writeStarted(testbed.folder, {
    at: made.at,
    readyMs: made.readyMs,
    criticalPath: made.criticalPath,
    specs: testbed.blueprint.specs.length,
    versions,
  })
  Object.assign(testbed.record, { grown: true, bootId: await bootId() })
  await writeRecord(testbed.folder, testbed.record)
  // A start that is ready is ready, whether or not it can be compared with others.
  await compare(stateFolder, made, journal.tell).catch((error: Error) =>
    journal.tell({ type: 'warning', text: `the history of starts cannot be kept: ${error.message}` }),
  )
}

async function compare(stateFolder: string, made: StartTime, tell: (event: NewEvent) => void): Promise<void> {
  const slower = slowdown(made, await pastStarts(stateFolder))
  if (slower !== null)
    tell({
      type: 'warning',
      text: `this start took ${Math.round(slower.by * 100)} % longer than the median of the last ten (${slower.medianMs} ms)`,
    })
  await rememberStart(stateFolder, made)
}

/**
 * Takes back what a failed or interrupted start began. A testbed that never was ready and was interrupted leaves nothing
 * at all; one that failed keeps its folder, so that its logs can be read. `down` undoes by itself, so it is left to it.
 */
async function undo(agent: Agent, before: ReadonlySet<string>, cause: unknown): Promise<void> {
  if (EzoneError.is(cause, 'EZ_CANCELLED')) return agent.leave()
  const { testbed, journal, clock } = agent.options
  journal.tell({ type: 'stage', stage: 'undo', state: 'begun', text: 'taking back what was started', ms: 0 })
  const signal = AbortSignal.timeout(30_000)
  const runs = (await agent.observer.observe(signal)).map((o) => o.specId)
  const only = runs.filter((id) => !before.has(id))
  const graceMs = testbed.record.grown ? undoGraceMs : 0
  await bringDown(
    { runtime: agent.observer, blueprint: testbed.blueprint },
    { clock, signal, tell: journal.tell },
    { graceMs, only },
  )
  journal.tell({ type: 'stage', stage: 'undo', state: 'done', text: `${only.length} ended`, ms: 0 })
  const interrupted = EzoneError.is(cause, 'EZ_INTERRUPTED')
  if (interrupted && !testbed.record.grown && before.size === 0) {
    await agent.observer.destroy(signal)
    await removeFolder(testbed.folder)
  }
  if (before.size === 0) agent.leave()
}

/** Ends everything politely and keeps the data; the agent has nothing left to own then. */
export async function stop(agent: Agent): Promise<Status> {
  return agent.alone('stop', 'stopping', async (signal) => {
    await agent.faults.endAll()
    const { testbed, clock, journal } = agent.options
    await bringDown(
      { runtime: agent.observer, blueprint: testbed.blueprint },
      { clock, signal, tell: journal.tell },
      { graceMs: stopGraceMs },
    )
    journal.tell({ type: 'phase', phase: 'stopped', verb: 'stop' })
    const status = await agent.status(signal)
    agent.leave()
    return { ...status, state: 'stopped' }
  })
}

/** Starts some specs anew: new code, new configuration, same data. */
export function restart(agent: Agent, wanted: readonly string[]): Promise<UpResult> {
  return up(agent, [...new Set(wanted.flatMap((name) => targetsOf(agent.options.testbed, name)))])
}

/** Everything down, the data gone, everything up again. */
export async function reset(agent: Agent): Promise<UpResult> {
  const { testbed, clock, journal } = agent.options
  return agent.alone('reset', 'starting', async (signal) => {
    await agent.faults.endAll()
    await bringDown(
      { runtime: agent.observer, blueprint: testbed.blueprint },
      { clock, signal, tell: journal.tell },
      { graceMs: 0 },
    )
    await rm(join(testbed.folder, 'data'), { recursive: true, force: true })
    return startOrUndo(agent, signal, [])
  })
}

async function doing(agent: Agent, signal: AbortSignal): Promise<Doing> {
  const { clock, journal, testbed } = agent.options
  return {
    clock,
    tell: journal.tell,
    signal,
    raise: (link, until) => agent.links.raise(link.name, until),
    unraised: async (until) => {
      const states = await agent.links.states(until)
      return [...states].filter(([, state]) => state === 'unknown').map(([name]) => name)
    },
    proven: await readStarted(testbed.folder),
  }
}
