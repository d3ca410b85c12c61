import { join } from 'node:path'
import { EzoneError } from '@ezone/sdk/errors'
import type { Credentials } from '../stores/credentials.ts'
import type { Blueprint } from '../topology/blueprint.ts'
import { expand } from '../topology/expand.ts'
import { readManifests } from '../topology/manifests.ts'
import { dealShards, readShardShares } from '../topology/shards.ts'
import { readCredentials } from './credentials.ts'
import { folderOf } from './names.ts'
import { readRecord, type TestbedRecord } from './record.ts'

/** A testbed that exists on disk: what it was made from and all that follows from it. Says nothing of what runs. */
export interface Testbed {
  readonly name: string
  readonly folder: string
  readonly record: TestbedRecord
  readonly blueprint: Blueprint
  readonly credentials: Credentials
}

/** @throws EZ_NO_TESTBED, EZ_STATE_UNREADABLE, EZ_OTHER_VERSION */
export async function openTestbed(stateFolder: string, name: string): Promise<Testbed> {
  const testbed = await findTestbed(stateFolder, name)
  if (testbed === null) throw new EzoneError('EZ_NO_TESTBED', `there is no testbed ${name}`)
  return testbed
}

export async function findTestbed(stateFolder: string, name: string): Promise<Testbed | null> {
  const folder = folderOf(stateFolder, name)
  const record = await readRecord(folder)
  if (record === null) return null
  const credentials = await readCredentials(folder)
  return { name, folder, record, credentials, blueprint: await blueprintOf(record) }
}

/** The blueprint is never stored: it is made again from the record, so that it always is what this version makes of it. */
export async function blueprintOf(record: TestbedRecord): Promise<Blueprint> {
  const [manifests, shares] = await Promise.all([readManifests(), readShardShares()])
  const { topology } = record
  return expand({
    topology,
    name: record.name,
    id: record.id,
    runtime: record.runtime,
    mode: record.mode,
    octets: new Map(Object.entries(record.octets)),
    portBase: record.portBase,
    manifests,
    ...(record.sabotage && { sabotage: record.sabotage }),
    defaultShards: dealShards(
      shares,
      topology.zones.map((zone) => zone.name),
      topology.shards,
    ),
  })
}

export const paths = {
  data: (folder: string, specId: string) => join(folder, 'data', specId),
  events: (folder: string) => join(folder, 'events.ndjson'),
  leases: (folder: string) => join(folder, 'leases.json'),
  agentLock: (folder: string) => join(folder, 'agent.lock'),
  agentLog: (folder: string) => join(folder, 'logs', 'agent.log'),
} as const
