import { createHash } from 'node:crypto'
import { access, mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Launch } from '../stores/launch.ts'

/**
 * Puts a launch's files and seed into its data folder on the host, for every runtime alike.
 * The seed is made beside its place and renamed into it, so that a kill in between leaves no half-filled folder.
 */
export async function materialise(launch: Launch, dataDir: string, signal: AbortSignal): Promise<void> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  if (launch.seed !== null) await seed(launch.seed, dataDir, signal)
  await Promise.all(
    launch.files.map(async (file) => {
      const path = join(dataDir, file.path)
      await mkdir(dirname(path), { recursive: true })
      await writeFile(path, file.text, { mode: 0o600 })
    }),
  )
}

async function seed(seed: NonNullable<Launch['seed']>, dataDir: string, signal: AbortSignal): Promise<void> {
  const target = join(dataDir, seed.into)
  const there = await access(target).then(
    () => true,
    () => false,
  )
  if (there) return
  const half = `${target}.seeding`
  await rm(half, { recursive: true, force: true })
  await seed.make(half, signal)
  signal.throwIfAborted()
  await rename(half, target)
}

/** Tells whether something runs as it would be started now. Seeds do not count: they only matter to an empty folder. */
export function launchHash(launch: Launch): string {
  const { program, args, env, files } = launch
  return createHash('sha256').update(JSON.stringify({ program, args, env, files })).digest('hex').slice(0, 16)
}
