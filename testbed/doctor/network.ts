import { once } from 'node:events'
import { createServer, get } from 'node:http'
import { type AddressInfo, connect, createServer as createTcpServer, type Server } from 'node:net'
import { EzoneError } from '@ezone/sdk/errors'
import { hasLoopbackBlocks } from '../session/blocks.ts'
import { env } from '../surroundings/env.ts'
import { listeners, ownerOf } from '../surroundings/listeners.ts'
import { loadTopology } from '../topology/load.ts'
import { type Topology, topologySchema } from '../topology/schema.ts'
import { type Check, ok } from './check.ts'

export const loopback: Check = {
  name: 'loopback',
  async run(signal) {
    const failed = await dialOurselves(signal).catch((error: Error) => error)
    if (failed instanceof Error)
      return {
        status: 'problem',
        text: `nobody can be reached on 127.0.0.1: ${failed.message}`,
        cause: 'the loopback interface of this machine, or of this container, is down',
        fix: 'ip link set lo up (as root)',
      }
    if (await hasLoopbackBlocks()) return ok('all of 127.0.0.0/8 can be used')
    return {
      status: 'warning',
      text: 'only 127.0.0.1 can be bound: places get ports instead of addresses',
      cause: 'this system gives its loopback one address',
      fix: 'Nothing to do: `up --addresses auto` knows.',
    }
  },
}

async function dialOurselves(signal: AbortSignal): Promise<void> {
  const server = createTcpServer((socket) => socket.destroy())
  await listening(server)
  try {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
    await once(socket, 'connect', { signal }).finally(() => socket.destroy())
  } finally {
    server.close()
  }
}

const listening = (server: Server) => once(server.listen(0, '127.0.0.1'), 'listening')

/** What the `up` of this folder would read; the default where that is wrong, which is told once, by `topology`. */
export async function topologyHere(): Promise<Topology> {
  const loaded = await loadTopology({ folder: process.cwd() }).catch(() => null)
  return loaded?.topology ?? topologySchema.parse({})
}

/** Of the routers, GZS, Toxiproxy, and the ensembles among themselves; the topology cannot change them. */
const fixedPorts = [2888, 3888, 8080, 8081, 8090, 8474]

/** A program that listens on every address holds that port on ours too. */
export const ports: Check = {
  name: 'ports',
  async run() {
    const { kafka, ...others } = (await topologyHere()).ports
    const wanted = new Set([...Object.values(others), kafka, kafka + 100, ...fixedPorts])
    const taken = (await listeners()).filter((l) => l.host === '0.0.0.0' && wanted.has(l.port))
    if (taken.length === 0) return ok('no program holds a port that the testbed needs')
    const named = await Promise.all(taken.map(async (l) => `${l.port} by ${await ownerOf(l)}`))
    return {
      status: 'problem',
      text: `held on every address: ${named.join(', ')}`,
      cause: 'who listens on 0.0.0.0 has the port on every address, those of the testbed too',
      fix: 'Bind it to 127.0.0.1, stop it, or choose other ports in ezone.yaml.',
    }
  },
}

export const topology: Check = {
  name: 'topology',
  async run() {
    try {
      const { file, topology } = await loadTopology({ folder: process.cwd() })
      return ok(`${file ?? 'the default'}: zones ${topology.zones.map((zone) => zone.name).join(', ')}`)
    } catch (error) {
      if (!EzoneError.is(error)) throw error
      const { message, hint } = error
      return { status: 'problem', text: message, cause: '`ezone up` in this folder would read it', fix: hint }
    }
  },
}

const proxies = ['http_proxy', 'HTTP_PROXY', 'all_proxy', 'ALL_PROXY'] as const

export const proxy: Check = {
  name: 'proxy',
  async run(signal) {
    const named = proxies.find((name) => env(name) !== undefined)
    if (named === undefined) return ok('none is set')
    const failed = await askOurselves(signal).catch((error: Error) => error)
    if (failed instanceof Error)
      return {
        status: 'problem',
        text: `a request from this machine to itself fails: ${failed.message}`,
        cause: `ezone asks its services on 127.0.0.0/8, and ${named} stands in between`,
        fix: 'Unset NODE_USE_ENV_PROXY, or: export NO_PROXY=localhost,127.0.0.1-127.255.255.255',
      }
    if (named === 'HTTP_PROXY' || sparesLoopback(env('no_proxy') ?? env('NO_PROXY') ?? ''))
      return ok(`${named} is set, and requests of this machine to itself arrive`)
    return {
      status: 'warning',
      text: `${named} is set, and no_proxy does not name 127.0.0.0/8`,
      cause: 'ezone does not mind, but curl and others would ask the proxy for addresses of a testbed',
      fix: 'export no_proxy=localhost,127.0.0.0/8',
    }
  },
}

const sparesLoopback = (list: string) => list.split(/[\s,]+/).some((entry) => entry === '*' || /^\.?127\./.test(entry))

/** As ezone asks its services: with what Node makes of the surroundings. */
async function askOurselves(signal: AbortSignal): Promise<void> {
  const server = createServer((_, response) => response.end('here'))
  await listening(server)
  const { port } = server.address() as AddressInfo
  try {
    await new Promise<void>((resolve, reject) => {
      get({ host: '127.0.0.1', port, signal }, (response) => {
        response.resume()
        if (response.statusCode === 200) resolve()
        else reject(new Error(`it was answered with ${response.statusCode}, by somebody else`))
      }).once('error', reject)
    })
  } finally {
    server.closeAllConnections()
    server.close()
  }
}
