import { randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { EzoneError } from '@ezone/sdk/errors'
import type { Clock, PlantedBug } from '@ezone/sdk/model'
import { makeCredentials } from '../stores/credentials.ts'
import { env } from '../surroundings/env.ts'
import { lockHolder, waitLock } from '../surroundings/lock.ts'
import { bootId, markedProcesses } from '../surroundings/processes.ts'
import { ezoneVersion } from '../surroundings/version.ts'
import { zonesOf } from '../topology/expand.ts'
import type { Topology } from '../topology/schema.ts'
import { chooseOctets, hasLoopbackBlocks, listeningOctets, offsetOf } from './blocks.ts'
import { writeCredentials } from './credentials.ts'
import { folderOf, testbedNames, writeId } from './names.ts'
import { checkDisk } from './preflight.ts'
import { readRecord, type TestbedRecord, writeRecord } from './record.ts'

/** What the user asked for when the testbed was made; the same again finds it, something else is refused. */
export interface Wish {
  readonly name: string
  readonly topology: Topology
  readonly runtime: TestbedRecord['runtime']
  readonly images: TestbedRecord['images']
  readonly registryMirror: string | null
  readonly addresses: 'auto' | 'blocks' | 'ports'
  /** Mistakes to build into its services. Undefined: none for a new testbed, and as it is for one that exists. */
  readonly sabotage?: readonly PlantedBug[] | undefined
}

const portBlock = 500
const portBase = 20_000

/** Makes the record of a new testbed: id, credentials and address blocks that no other testbed has. Starts nothing. */
export async function createTestbed(
  stateFolder: string,
  wish: Wish,
  clock: Clock,
  signal: AbortSignal,
): Promise<TestbedRecord> {
  await checkDisk(stateFolder)
  // Blocks are chosen under a lock, so that two testbeds made at once do not choose the same.
  await using _ = await waitLock(join(stateFolder, 'blocks.lock'), signal)
  const folder = folderOf(stateFolder, wish.name)
  const already = await readRecord(folder)
  if (already !== null && !(await isUnused(already, folder, clock))) return already

  const others = (await knownRecords(stateFolder)).filter((record) => record.name !== wish.name)
  const placeNames = [...zonesOf(wish.topology).flatMap((zone) => zone.idcs), ...wish.topology.edges.map((e) => e.name)]
  const taken = new Set([...others.flatMap((record) => Object.values(record.octets)), ...(await listeningOctets())])
  const usualState = env('EZONE_STATE_DIR') === undefined
  const mode = wish.addresses === 'auto' ? ((await hasLoopbackBlocks()) ? 'blocks' : 'ports') : wish.addresses
  const record: TestbedRecord = {
    format: 1,
    version: await ezoneVersion(),
    name: wish.name,
    id: already?.id ?? randomBytes(9).toString('hex'),
    runtime: wish.runtime,
    images: wish.images,
    registryMirror: wish.registryMirror,
    mode,
    octets: Object.fromEntries(chooseOctets(placeNames, taken, offsetOf(stateFolder, usualState))),
    portBase: nextPortBase(others),
    topology: wish.topology,
    createdAt: new Date(clock.nowMs()).toISOString(),
    bootId: await bootId(),
    ...(wish.sabotage && { sabotage: wish.sabotage }),
    grown: false,
  }
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await writeId(folder, record.id)
  if (already === null) await writeCredentials(folder, await makeCredentials({ clock, random: randomBytes }))
  await writeRecord(folder, record)
  return record
}

const makingMs = 60_000

/**
 * A testbed that was made but never got ready, and of which nothing lives: its blocks were only wished for, and may have
 * been taken meanwhile (servers are fetched in between), so they are chosen anew.
 */
async function isUnused(
  { grown, id, runtime, createdAt }: TestbedRecord,
  folder: string,
  clock: Clock,
): Promise<boolean> {
  // Made a moment ago: another `up` is about to start its agent.
  if (clock.nowMs() - Date.parse(createdAt) < makingMs) return false
  if (grown || runtime === 'docker' || (await lockHolder(join(folder, 'agent.lock'))) !== null) return false
  return (await markedProcesses(id)).length === 0
}

/** Records of all testbeds that can be read; an unreadable one keeps its blocks only as long as its servers listen. */
async function knownRecords(stateFolder: string): Promise<readonly TestbedRecord[]> {
  const records = await Promise.all(
    (await testbedNames(stateFolder)).map((name) => readRecord(folderOf(stateFolder, name)).catch(() => null)),
  )
  return records.filter((record) => record !== null)
}

function nextPortBase(others: readonly TestbedRecord[]): number {
  const taken = new Set(others.map((record) => record.portBase))
  for (let base = portBase; base < 32_000; base += portBlock) if (!taken.has(base)) return base
  throw new EzoneError('EZ_PORT_TAKEN', 'all port blocks between 20000 and 32000 belong to other testbeds')
}

/** @throws EZ_OTHER_TOPOLOGY where an existing testbed is not the one that is asked for now. */
export function checkSameWish(record: TestbedRecord, wish: Wish, explicitRuntime: boolean): void {
  const fields = Object.keys({ ...record.topology, ...wish.topology }) as (keyof Topology)[]
  const differing: string[] = fields.filter((field) => !isDeepStrictEqual(record.topology[field], wish.topology[field]))
  if (explicitRuntime && record.runtime !== wish.runtime) differing.push('runtime')
  // Without the word of it a testbed keeps what it has: a second `up` changes nothing, and says what it runs with.
  if (wish.sabotage && !sameNames(record.sabotage ?? [], wish.sabotage)) differing.push('sabotage')
  if (differing.length === 0) return
  throw new EzoneError(
    'EZ_OTHER_TOPOLOGY',
    `testbed ${record.name} was made with other settings than asked for now (${differing.join(', ')})`,
  )
}

const sameNames = (a: readonly string[], b: readonly string[]) => isDeepStrictEqual(new Set(a), new Set(b))
