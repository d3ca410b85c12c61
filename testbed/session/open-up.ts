import { EzoneError } from '@ezone/sdk/errors'
import type { Clock } from '@ezone/sdk/model'
import type { AgentClient } from '../agent/client.ts'
import { ensureAgent } from '../agent/ensure.ts'
import type { AgentEvent } from '../agent/events.ts'
import type { UpResult } from '../agent/verbs.ts'
import { folders } from '../surroundings/folders.ts'
import { loadTopology } from '../topology/load.ts'
import { chooseRuntime } from './choose-runtime.ts'
import { checkSameWish, createTestbed, type Wish } from './create.ts'
import { folderOf } from './names.ts'
import { observerOf } from './observer.ts'
import { type Plan, planUp } from './plan.ts'
import { readRecord, type TestbedRecord } from './record.ts'
import { takeDown } from './take-down.ts'
import { blueprintOf, findTestbed, openTestbed } from './testbed.ts'

export interface UpWish {
  readonly name: string
  readonly folder: string
  readonly file?: string
  readonly runtime: 'auto' | 'process' | 'docker'
  readonly images: TestbedRecord['images']
  readonly registryMirror: string | null
  readonly addresses: Wish['addresses']
  readonly sabotage?: Wish['sabotage']
  /** Told once which runtime it will be, and why. */
  readonly onRuntime: (text: string) => void
}

/** `ezone up`: makes the testbed where there is none, and has its agent bring up whatever is missing. */
export async function openUp(
  wish: UpWish,
  clock: Clock,
  onEvent: (event: AgentEvent) => void,
  signal: AbortSignal,
): Promise<UpResult> {
  const state = folders().state
  const begunAtMs = clock.nowMs()
  const existed = (await readRecord(folderOf(state, wish.name))) !== null
  let made = false
  let agent: AgentClient
  try {
    const record = await recordFor(wish, clock, signal)
    made = !existed && Date.parse(record.createdAt) >= begunAtMs
    agent = await ensureAgent(await openTestbed(state, record.name), signal)
    signal.throwIfAborted()
  } catch (error) {
    // Interrupted before the agent was asked: what was made so far is ours to remove.
    if (signal.aborted && made) await takeDown(state, wish.name, AbortSignal.timeout(10_000))
    throw signal.aborted ? signal.reason : error
  }
  return (await agent.run('up', {}, onEvent, signal)) as UpResult
}

async function recordFor(wish: UpWish, clock: Clock, signal: AbortSignal): Promise<TestbedRecord> {
  const state = folders().state
  const { topology } = await loadTopology({ folder: wish.folder, ...(wish.file !== undefined && { file: wish.file }) })
  const known = await readRecord(folderOf(state, wish.name))
  if (known !== null) {
    const runtime = wish.runtime === 'auto' ? known.runtime : wish.runtime
    checkSameWish(known, { ...wish, topology, runtime }, true)
    return known.grown ? known : createTestbed(state, { ...wish, topology, runtime }, clock, signal)
  }
  const { runtime, why } = await chooseRuntime(wish.runtime, signal)
  wish.onRuntime(`runtime ${runtime}: ${why}`)
  return createTestbed(state, { ...wish, topology, runtime }, clock, signal)
}

/** `up --dry-run`: the plan as it stands now. Makes nothing, starts nothing, not even the agent. */
export async function planOf(
  wish: UpWish,
  signal: AbortSignal,
): Promise<Plan & { readonly name: string; readonly runtime: string }> {
  const testbed = await findTestbed(folders().state, wish.name)
  if (testbed !== null) {
    const observed = await (await observerOf(testbed)).observe(signal)
    return {
      name: wish.name,
      runtime: testbed.record.runtime,
      ...planUp({ blueprint: testbed.blueprint, observed, hashes: new Map() }),
    }
  }
  const { topology } = await loadTopology({ folder: wish.folder, ...(wish.file !== undefined && { file: wish.file }) })
  const { runtime } = await chooseRuntime(wish.runtime, signal)
  const places = [...topology.zones.flatMap((z) => z.idcs ?? [z.name]), ...topology.edges.map((e) => e.name)]
  const imagined: TestbedRecord = {
    ...{
      format: 1,
      version: '',
      name: wish.name,
      id: 'new',
      runtime,
      images: wish.images,
      registryMirror: wish.registryMirror,
    },
    ...{ mode: 'blocks', octets: Object.fromEntries(places.map((place, i) => [place, i + 1])), portBase: 20_000 },
    ...{ topology, createdAt: '', bootId: '', grown: false },
  }
  const blueprint = await blueprintOf(imagined)
  return { name: wish.name, runtime, ...planUp({ blueprint, observed: [], hashes: new Map() }) }
}

/** An existing testbed and its agent, for verbs that need both. @throws EZ_NO_TESTBED */
export async function attend(name: string, signal: AbortSignal) {
  const testbed = await openTestbed(folders().state, name)
  return { testbed, agent: await ensureAgent(testbed, signal) }
}

/** @throws EZ_NOT_RUNNING where the testbed is there but stopped. */
export async function attendRunning(name: string, signal: AbortSignal) {
  const testbed = await openTestbed(folders().state, name)
  const running = (await (await observerOf(testbed)).observe(signal)).some((o) => o.running)
  if (!running) throw new EzoneError('EZ_NOT_RUNNING', `testbed ${name} is stopped`)
  return { testbed, agent: await ensureAgent(testbed, signal) }
}
