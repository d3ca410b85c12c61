import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { EzoneError } from '@ezone/sdk/errors'
import type { CapacityResult, PastCapacity } from './result.ts'

const shownMax = 10
/** Lines of the file; each is some 200 bytes. */
const keptMax = 500

const fileOf = (stateFolder: string) => join(stateFolder, 'capacity.ndjson')

/** All that was kept, oldest first. A line that cannot be read is one run less to compare with. */
export async function pastCapacities(stateFolder: string): Promise<readonly PastCapacity[]> {
  const text = await readFile(fileOf(stateFolder), 'utf8').catch(() => '')
  return text.split('\n').flatMap(parsed)
}

function parsed(line: string): readonly PastCapacity[] {
  try {
    return line === '' ? [] : [JSON.parse(line) as PastCapacity]
  } catch {
    return []
  }
}

/** Keeps a run: the whole file anew and by a rename, so that no half of it is ever there. @throws EZ_NO_DISK, EZ_STATE_UNREADABLE */
export async function keepCapacity(stateFolder: string, one: PastCapacity): Promise<void> {
  const path = fileOf(stateFolder)
  const kept = [...(await pastCapacities(stateFolder)), one].slice(-keptMax)
  try {
    await mkdir(stateFolder, { recursive: true, mode: 0o700 })
    await writeFile(`${path}.new`, kept.map((line) => `${JSON.stringify(line)}\n`).join(''), { mode: 0o600 })
    await rename(`${path}.new`, path)
  } catch (cause) {
    const full = ['ENOSPC', 'EDQUOT'].includes((cause as NodeJS.ErrnoException).code ?? '')
    const message = `${path} cannot be written: ${(cause as Error).message}`
    throw new EzoneError(full ? 'EZ_NO_DISK' : 'EZ_STATE_UNREADABLE', message, { cause })
  }
}

/** The last runs that were alike: on as many processors, on the same runtime, of the same mix. Pure. */
export function trendOf(past: readonly PastCapacity[], one: PastCapacity): readonly PastCapacity[] {
  const alike = (other: PastCapacity) =>
    other.runtime === one.runtime && other.machineCpus === one.machineCpus && other.mix === one.mix
  return [...past.filter(alike), one].slice(-shownMax)
}

export function pastOf(result: Omit<CapacityResult, 'trend'>): PastCapacity {
  const { at, testbed, runtime, mix, machine, weakestHop, hops } = result
  const weakest = hops.find(({ hop, zone }) => weakestHop === (zone === null ? hop : `${zone}/${hop}`))
  return {
    ...{ at, testbed, runtime, mix, machineCpus: machine.cpus, saturatesAtQps: machine.saturatesAtQps, weakestHop },
    weakestQps: weakest?.saturatesAtQps ?? null,
    msPerRequest: Math.round(1_000 * hops.reduce((sum, hop) => sum + hop.msPerRequest, 0)) / 1_000,
  }
}
