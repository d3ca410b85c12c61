import { mkdir, open, readFile, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { identify, isAlive, type ProcessId } from './processes.ts'

/**
 * A lock between processes: a file that names its holder. A holder that died, however, no longer counts:
 * pid and start time together tell it from a later process with the same number.
 */
export interface Lock extends AsyncDisposable {
  readonly path: string
}

const settleMs = 100
const roundsMax = 4

/** Takes the lock, or returns who holds it. Does not wait for a living holder. */
export async function tryLock(path: string): Promise<Lock | { readonly heldBy: ProcessId }> {
  const me = await identify(process.pid)
  await mkdir(dirname(path), { recursive: true })
  for (let round = 0; round < roundsMax; round++) {
    if (await written(path, me)) {
      // Two that found the same dead holder may both remove its file, and the later one removes the earlier one's lock.
      // Whoever took over therefore looks again after a while that is longer than that takes.
      if (round > 0) await sleep(settleMs)
      if (round === 0 || sameProcess(await lockHolder(path), me))
        return { path, [Symbol.asyncDispose]: () => rm(path, { force: true }) }
      continue
    }
    const holder = await lockHolder(path)
    if (holder !== null) return { heldBy: holder }
    // Written but not yet filled looks like stale; a moment later it is one or the other.
    await sleep(20)
    if ((await lockHolder(path)) === null) await rm(path, { force: true })
  }
  return { heldBy: (await lockHolder(path)) ?? { pid: 0, startTicks: 0 } }
}

/** Creates the file with our name in it; false where there is one already. */
async function written(path: string, me: ProcessId | null): Promise<boolean> {
  const file = await open(path, 'wx', 0o600).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EEXIST') return null
    throw error
  })
  if (file === null) return false
  await using _ = file
  await file.writeFile(JSON.stringify(me))
  return true
}

const sameProcess = (a: ProcessId | null, b: ProcessId | null) => a?.pid === b?.pid && a?.startTicks === b?.startTicks

/** Waits for the lock until the signal ends the wait. */
export async function waitLock(path: string, signal: AbortSignal): Promise<Lock> {
  for (;;) {
    const lock = await tryLock(path)
    if (!('heldBy' in lock)) return lock
    await sleep(50, undefined, { signal })
  }
}

/** The living holder of a lock; null where there is none. */
export async function lockHolder(path: string): Promise<ProcessId | null> {
  const text = await readFile(path, 'utf8').catch(() => null)
  if (!text) return null
  try {
    const holder = JSON.parse(text) as ProcessId
    return (await isAlive(holder)) ? holder : null
  } catch {
    return null
  }
}
