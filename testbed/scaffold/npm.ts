import { dirname } from 'node:path'
import { EzoneError } from '@ezone/sdk/errors'
import { run } from '../servers/run.ts'
import { env } from '../surroundings/env.ts'

const installMs = 180_000
const checkMs = 120_000

/** The Node that runs ezone comes first: it is new enough for what is made, whatever else there is. */
export const ownNodeFirst = (): { readonly PATH: string } => ({
  PATH: `${dirname(process.execPath)}:${env('PATH') ?? ''}`,
})

/**
 * Installs what a service needs: the SDK out of its own folder, the rest from the package registry, or from npm's cache.
 * @throws EZ_INSTALL_FAILED; the folder is whole all the same
 */
export async function install(folder: string, signal: AbortSignal): Promise<void> {
  try {
    const args = ['install', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error']
    await run('npm', args, { cwd: folder, signal, deadlineMs: installMs, env: ownNodeFirst() })
  } catch (cause) {
    signal.throwIfAborted()
    throw new EzoneError('EZ_INSTALL_FAILED', `npm could not install what ${folder} needs`, {
      cause,
      hint: 'The folder is whole: run `npm install` in it when the package registry can be reached, then `npm test`.',
    })
  }
}

/** Runs the service's own checks and tests, untouched as they are. @throws EZ_BUG: what ezone made must pass them */
export async function check(folder: string, signal: AbortSignal): Promise<void> {
  for (const args of [
    ['run', '--silent', 'check'],
    ['test', '--silent'],
  ])
    await run('npm', args, { cwd: folder, signal, deadlineMs: checkMs, env: ownNodeFirst() }).catch((cause) => {
      signal.throwIfAborted()
      throw new EzoneError('EZ_BUG', `what was made in ${folder} does not pass npm ${args[0]}`, { cause })
    })
}
