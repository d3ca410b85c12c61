import { execFile } from 'node:child_process'
import { mkdir, rm, statfs, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { bytesText } from '../face/table.ts'
import { folders } from '../surroundings/folders.ts'
import { type Check, type Finding, ok } from './check.ts'

const gib = 1024 ** 3

/** Both folders, with the variable that moves each. */
const both = () => {
  const { cache, state } = folders()
  return [
    { folder: cache, variable: 'EZONE_CACHE_DIR' },
    { folder: state, variable: 'EZONE_STATE_DIR' },
  ] as const
}

const trialIn = (folder: string, what: string) => join(folder, `doctor-${what}-${process.pid}`)

export const writable: Check = {
  name: 'folders',
  async run() {
    for (const { folder, variable } of both()) {
      const failed = await trial(folder).catch((error: Error) => error)
      if (failed instanceof Error) return unwritable(folder, variable, failed)
    }
    const [cache, state] = both()
    return ok(`cache ${cache.folder}, state ${state.folder}`)
  },
}

/** Really writes: what a mode allows, a mount may forbid. */
async function trial(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  await writeFile(trialIn(folder, 'file'), 'x')
  await rm(trialIn(folder, 'file'))
}

const unwritable = (folder: string, variable: string, { message }: Error): Finding => ({
  status: 'problem',
  text: `${folder} cannot be written`,
  cause: message,
  fix: `Make it yours (sudo chown -R $USER ${folder}), or point ${variable} elsewhere.`,
})

export const disk: Check = {
  name: 'disk',
  async run() {
    const rooms = await Promise.all(both().map(async (one) => ({ ...one, ...(await roomIn(one.folder)) })))
    const [least = { free: 0, files: 0, folder: '', variable: '' }] = rooms.toSorted((a, b) => a.free - b.free)
    const few = rooms.find(({ files }) => files < filesWanted)
    if (least.free > 4 * gib && few === undefined) return ok(`${bytesText(least.free)} free`)
    const { folder, variable } = few ?? least
    return {
      status: few !== undefined || least.free <= 1.5 * gib ? 'problem' : 'warning',
      text:
        few === undefined
          ? `${bytesText(least.free)} free for ${folder}; servers and a testbed take about 1.5 GiB`
          : `${few.files} more files may be made in ${folder}; ${filesWanted} are wanted`,
      cause: 'servers end, and faults cannot be written down, where the disk is full',
      fix: `Free some room, or point ${variable} at a larger disk.`,
    }
  },
}

const filesWanted = 20_000

async function roomIn(folder: string): Promise<{ readonly free: number; readonly files: number }> {
  await mkdir(folder, { recursive: true })
  const { bavail, bsize, files, ffree } = await statfs(folder)
  // Some file systems make room for as many as are wanted, and say 0 of 0.
  return { free: bavail * bsize, files: files === 0 ? Number.POSITIVE_INFINITY : ffree }
}

/** Servers are run from the cache. */
export const programs: Check = {
  name: 'programs',
  async run(signal) {
    const { cache } = folders()
    await mkdir(cache, { recursive: true })
    const program = trialIn(cache, 'program')
    try {
      await writeFile(program, '#!/bin/sh\nexit 0\n', { mode: 0o755 })
      await promisify(execFile)(program, { signal })
      return ok('programs in the cache can be started')
    } catch (error) {
      return {
        status: 'problem',
        text: `no program in ${cache} can be started: ${(error as Error).message}`,
        cause: 'its file system may be mounted with noexec; servers are run from there',
        fix: 'Point EZONE_CACHE_DIR at a folder where programs may be started.',
      }
    } finally {
      await rm(program, { force: true })
    }
  },
}
