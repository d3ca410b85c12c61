import { spawn } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { EzoneError } from '@ezone/sdk/errors'
import { which } from './run.ts'

/**
 * A lock between processes that the kernel gives back, also after `kill -9`: flock(1) holds it for as long as its
 * standard input is open, and that ends with us. A file with a pid in it would have to guess who is still alive.
 */
export async function lockFile(file: string, signal: AbortSignal): Promise<AsyncDisposable> {
  signal.throwIfAborted()
  await mkdir(dirname(file), { recursive: true })
  const flock = await which('flock')
  if (flock === null) {
    throw new EzoneError('EZ_SERVER_UNAVAILABLE', 'no flock on PATH: the server cache cannot be locked', {
      hint: 'Install util-linux.',
    })
  }
  signal.throwIfAborted()
  const holder = spawn(flock, ['--no-fork', '-x', file, 'sh', '-c', 'echo held; exec cat >/dev/null'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const ended = new Promise<void>((resolve) => holder.once('close', () => resolve()))
  const release = async () => {
    holder.stdin.end()
    // A holder that still waits for the lock reads nothing: it must be told otherwise.
    holder.kill('SIGKILL')
    await ended
  }
  const { promise: held, resolve, reject } = Promise.withResolvers<void>()
  const abandon = () => reject(signal.reason)
  holder.once('error', reject)
  holder.once('close', () => reject(new Error(`cannot lock ${file}`)))
  holder.stdout.once('data', () => resolve())
  signal.addEventListener('abort', abandon, { once: true })
  try {
    await held
    return { [Symbol.asyncDispose]: release }
  } catch (error) {
    await release()
    throw error
  } finally {
    signal.removeEventListener('abort', abandon)
  }
}
