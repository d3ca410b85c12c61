import { rm, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { EzoneError } from '@ezone/sdk/errors'
import { bytesText } from '../face/table.ts'
import { folders } from '../surroundings/folders.ts'
import { diskBytes } from './disk.ts'
import { testbedNames } from './names.ts'
import { takeDown } from './take-down.ts'

/** Everything `uninstall` would remove, with its size. */
export async function whatIsThere(
  withCache: boolean,
): Promise<readonly { readonly path: string; readonly text: string }[]> {
  const { cache, state } = folders()
  const names = await testbedNames(state)
  return [
    { path: state, text: `${bytesText(await diskBytes(state))}, testbeds: ${names.join(', ') || 'none'}` },
    ...(withCache ? [{ path: cache, text: bytesText(await diskBytes(cache)) }] : []),
  ]
}

/** Testbeds first, so that nothing runs from what is removed after them. Returns the folders that are gone. */
export async function uninstall(withCache: boolean, signal: AbortSignal): Promise<readonly string[]> {
  const { cache, state } = folders()
  for (const name of await testbedNames(state)) await takeDown(state, name, signal)
  await removeContainerImages(signal)
  await removeOwn(state, ['testbeds', 'runs', 'starts.ndjson', 'capacity.ndjson', 'blocks.lock'])
  if (withCache)
    await removeOwn(cache, ['servers', 'templates', 'compiled', 'autocomplete', 'locks', 'node', 'scratch'])
  return withCache ? [state, cache] : [state]
}

/** Where no engine answers there is nothing ezone could have left in it that it can reach. */
async function removeContainerImages(signal: AbortSignal): Promise<void> {
  const [{ connectEngine }, { removeImages }] = await Promise.all([
    import('../runtimes/docker/engine.ts'),
    import('../runtimes/docker/image-list.ts'),
  ])
  try {
    await removeImages(await connectEngine(signal), signal)
  } catch (error) {
    if (!EzoneError.is(error, 'EZ_DOCKER_UNREACHABLE')) throw error
  }
}

/** Only what ezone put there: a user may have pointed EZONE_STATE_DIR at a folder with other things in it. */
async function removeOwn(folder: string, names: readonly string[]): Promise<void> {
  for (const name of names) await rm(join(folder, name), { recursive: true, force: true })
  // Not empty: what is left is not ours.
  await rmdir(folder).catch(() => undefined)
}
