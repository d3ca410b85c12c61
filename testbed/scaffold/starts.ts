import { mkdtempDisposable, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { EzoneError } from '@ezone/sdk/errors'
import { type Address, type ServiceConfig, serviceProjectFile, serviceProjectSchema } from '@ezone/sdk/model'
import { run } from '../servers/run.ts'
import { ownNodeFirst } from './npm.ts'

const startMs = 20_000
const lookEveryMs = 50
/** Nobody listens there: a service starts without its stores, and waits for them. */
const nowhere = { host: '127.0.0.1', port: 1 }

/**
 * Starts a service without a testbed, and sees that it lives: everything it imports is there, and it does not wait for
 * what may come later. It is ended again.
 * @throws EZ_BUG, with its last lines
 */
export async function requireStarts(folder: string, signal: AbortSignal): Promise<void> {
  const project = serviceProjectSchema.parse(JSON.parse(await readFile(join(folder, serviceProjectFile), 'utf8')))
  await using kept = await mkdtempDisposable(join(tmpdir(), 'ezone-new-'))
  const listen = await freeDoor()
  const config = join(kept.path, 'config.json')
  await writeFile(config, JSON.stringify(standing(project.name, listen, kept.path)), { mode: 0o600 })
  const [program = '', ...args] = project.run
  const end = new AbortController()
  const running = run(program, args, {
    cwd: folder,
    signal: AbortSignal.any([signal, end.signal]),
    deadlineMs: startMs,
    env: { ...ownNodeFirst(), EZONE_SERVICE_CONFIG: config },
  })
  try {
    await Promise.race([lives(listen, signal), running.then(() => Promise.reject(new Error('it ended by itself')))])
  } catch (cause) {
    signal.throwIfAborted()
    throw new EzoneError('EZ_BUG', `what was made in ${folder} does not start`, { cause })
  } finally {
    end.abort()
    await running.catch(() => undefined)
  }
}

async function lives({ host, port }: Address, signal: AbortSignal): Promise<void> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(startMs)])
  for (;;) {
    const answer = await fetch(`http://${host}:${port}/healthz`, { signal: limit }).catch(() => null)
    if (answer?.status === 200) return
    await sleep(lookEveryMs, undefined, { signal: limit })
  }
}

/** A port that was free a moment ago. */
async function freeDoor(): Promise<Address> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  const server = createServer().once('error', reject)
  server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port))
  const port = await promise
  await new Promise((closed) => server.close(closed))
  return { host: '127.0.0.1', port }
}

const standing = (service: string, listen: Address, folder: string): ServiceConfig => {
  const account = { ...nowhere, user: 'nobody', password: '' }
  const stores = { mysql: account, redis: { ...nowhere, password: '' }, kafka: nowhere, zookeeper: nowhere }
  return {
    ...{ service, testbed: 'none', place: 'bj', zone: 'bj', zoneNumber: 1, instance: 1, writer: 0, zones: [] },
    ...{ policy: 'available', sabotage: [], listen, secret: 'nobody signs anything with this one', stores },
    ...{ far: {}, peers: {}, shards: {}, dataDir: folder, stateDir: folder },
  }
}
