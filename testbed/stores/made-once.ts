import { access, mkdir, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { waitLock } from '../surroundings/lock.ts'

/**
 * Makes a file or folder of the cache once, whoever comes first: beside its place, under a lock, then renamed into place.
 * Who comes later waits or finds it. An abort or a failure leaves nothing; a kill leaves a half that the next one removes.
 */
export async function madeOnce(
  target: string,
  make: (half: string) => Promise<void>,
  signal: AbortSignal,
): Promise<string> {
  if (await exists(target)) return target
  await mkdir(dirname(target), { recursive: true, mode: 0o700 })
  await using _lock = await waitLock(`${target}.lock`, signal)
  if (await exists(target)) return target
  const half = `${target}.half`
  await rm(half, { recursive: true, force: true })
  try {
    await make(half)
    signal.throwIfAborted()
    await rename(half, target)
  } finally {
    await rm(half, { recursive: true, force: true })
  }
  return target
}

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  )
