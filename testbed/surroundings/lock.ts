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

/** Takes the lock, or returns who holds it. Never waits. */
export async function tryLock(path: string): Promise<Lock | { readonly heldBy: ProcessId }> {
  const me = await identify(process.pid)
  await mkdir(dirname(path), { recursive: true })
  // Two rounds are enough: a stale file is removed in the first; who loses the second met a living holder.
  for (let round = 0; round < 3; round++) {
    const file = await open(path, 'wx', 0o600).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') return null
      throw error
    })
    if (file !== null) {
      await file.writeFile(JSON.stringify(me))
      await file.close()
      return { path, [Symbol.asyncDispose]: () => rm(path, { force: true }) }
    }
    const holder = await lockHolder(path)
    if (holder !== null) return { heldBy: holder }
    // Written but not yet filled looks like stale; a moment later it is one or the other.
    await sleep(20)
    if ((await lockHolder(path)) === null) await rm(path, { force: true })
  }
  return { heldBy: (await lockHolder(path)) ?? { pid: 0, startTicks: 0 } }
}

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
