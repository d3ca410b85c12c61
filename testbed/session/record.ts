import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { EzoneError } from '@ezone/sdk/errors'
import { plantedBugNames } from '@ezone/sdk/model'
import { z } from 'zod'
import { topologySchema } from '../topology/schema.ts'
import { unreadable } from './names.ts'

/** Raised when an older ezone could not read what this one writes. */
const recordFormat = 1

/**
 * What is kept of a testbed between commands: everything its blueprint is made from, so that addresses and ids stay with
 * the data. Whether it runs is never written down: that is observed.
 */
const recordSchema = z.strictObject({
  format: z.literal(recordFormat),
  /** The ezone that made it. */
  version: z.string(),
  name: z.string(),
  id: z.string(),
  runtime: z.enum(['process', 'docker']),
  images: z.enum(['auto', 'local', 'registry']),
  registryMirror: z.string().nullable(),
  mode: z.enum(['blocks', 'ports']),
  octets: z.record(z.string(), z.int().min(1).max(254)),
  portBase: z.int(),
  topology: topologySchema,
  createdAt: z.iso.datetime(),
  /** Boot of the machine in which it last ran. */
  bootId: z.string(),
  /** Mistakes built into its services, until `down`. Left out where there are none: an older ezone reads that too. */
  sabotage: z.array(z.enum(plantedBugNames)).readonly().optional(),
  /** True once an `up` ended ready: from then on its data is worth keeping. */
  grown: z.boolean(),
})

export type TestbedRecord = z.output<typeof recordSchema>

/** The record of a testbed; null where there is none. */
export async function readRecord(folder: string): Promise<TestbedRecord | null> {
  const path = join(folder, 'testbed.json')
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null
    throw unreadable(path, error)
  })
  if (text === null) return null
  return parseRecord(path, text)
}

function parseRecord(path: string, text: string): TestbedRecord {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw unreadable(path, cause)
  }
  const format = (json as { format?: unknown }).format
  if (format !== recordFormat)
    throw new EzoneError(
      'EZ_OTHER_VERSION',
      `${path} was written in format ${String(format)}; this ezone reads ${recordFormat}`,
    )
  const parsed = recordSchema.safeParse(json)
  if (!parsed.success) throw unreadable(path, parsed.error)
  return parsed.data
}

/** Written beside its place and renamed: a reader sees the old one or the new one, never half of it. */
export async function writeRecord(folder: string, record: TestbedRecord): Promise<void> {
  const path = join(folder, 'testbed.json')
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await writeFile(`${path}.new`, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 })
    await rename(`${path}.new`, path)
  } catch (error) {
    throw unreadable(path, error)
  }
}

export async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 3, retryDelay: 50 })
}
