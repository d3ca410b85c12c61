import { constants } from 'node:fs'
import { access, mkdir, readFile, readlink, statfs } from 'node:fs/promises'
import { freemem } from 'node:os'
import { delimiter, join } from 'node:path'
import { EzoneError } from '@ezone/sdk/errors'
import { bytesText } from '../face/table.ts'
import { hasLoopbackBlocks } from '../session/blocks.ts'
import { listTestbeds } from '../session/list.ts'
import { env } from '../surroundings/env.ts'
import { folders } from '../surroundings/folders.ts'
import { listeners, ownerOf } from '../surroundings/listeners.ts'
import { markedProcesses } from '../surroundings/processes.ts'
import type { Check, Finding } from './check.ts'

const gib = 1024 ** 3
const ok = (text: string): Finding => ({ status: 'ok', text })

const node: Check = {
  name: 'node',
  async run() {
    return ok(`Node ${process.versions.node}`)
  },
}

const stateFolder: Check = {
  name: 'folders',
  async run() {
    const { cache, state } = folders()
    for (const folder of [cache, state]) {
      await mkdir(folder, { recursive: true })
      await access(folder, constants.R_OK | constants.W_OK)
    }
    return ok(`cache ${cache}, state ${state}`)
  },
}

const disk: Check = {
  name: 'disk',
  async run() {
    const { state } = folders()
    await mkdir(state, { recursive: true })
    const { bavail, bsize } = await statfs(state)
    const free = bavail * bsize
    if (free > 4 * gib) return ok(`${bytesText(free)} free`)
    return {
      status: free > 1.5 * gib ? 'warning' : 'problem',
      text: `${bytesText(free)} free; servers and a testbed take about 1.5 GiB`,
      fix: 'Free some space, or point EZONE_CACHE_DIR and EZONE_STATE_DIR at a larger disk.',
    }
  },
}

const memory: Check = {
  name: 'memory',
  async run() {
    const meminfo = await readFile('/proc/meminfo', 'latin1').catch(() => '')
    const available = Number(/^MemAvailable:\s+(\d+)/m.exec(meminfo)?.[1] ?? freemem() / 1024) * 1024
    if (available > 2.5 * gib) return ok(`${bytesText(available)} available`)
    return {
      status: 'warning',
      text: `${bytesText(available)} available; a testbed takes about 1.3 GiB`,
      fix: 'End something, or expect slow starts.',
    }
  },
}

const loopback: Check = {
  name: 'loopback',
  async run() {
    if (await hasLoopbackBlocks()) return ok('all of 127.0.0.0/8 can be bound')
    return {
      status: 'warning',
      text: 'only 127.0.0.1 can be bound: places get ports instead of addresses',
      fix: 'Nothing to do; `up --addresses auto` knows.',
    }
  },
}

/** A program that listens on every address holds that port on ours too. */
const wildcardPorts: Check = {
  name: 'ports',
  async run() {
    const wanted = [3306, 6379, 2181, 9092, 9192, 2888, 3888, 8080, 8081, 8090, 8474]
    const taken = (await listeners()).filter((l) => l.host === '0.0.0.0' && wanted.includes(l.port))
    if (taken.length === 0) return ok('no program holds a port that the testbed needs')
    const named = await Promise.all(taken.map(async (l) => `${l.port} by ${await ownerOf(l)}`))
    return {
      status: 'problem',
      text: `held on every address: ${named.join(', ')}`,
      fix: 'Bind it to 127.0.0.1, stop it, or choose other ports in ezone.yaml.',
    }
  },
}

const packageClients: Check = {
  name: 'package clients',
  async run() {
    const found = await Promise.all(['apt-get', 'mvn', 'go'].map(async (name) => ({ name, there: await onPath(name) })))
    const missing = found.filter((f) => !f.there).map((f) => f.name)
    if (missing.length === 0) return ok('apt-get, mvn and go are on PATH')
    return {
      status: 'warning',
      text: `not on PATH: ${missing.join(', ')}; servers that come by them must be in the cache`,
      fix: 'Install them, or bring servers along: `ezone servers unpack FILE`.',
    }
  },
}

const docker: Check = {
  name: 'docker',
  async run(signal) {
    const { connectEngine } = await import('../runtimes/docker/engine.ts')
    try {
      await connectEngine(signal)
      return ok('a Docker engine answers')
    } catch (error) {
      if (!EzoneError.is(error)) throw error
      return ok(`no Docker engine (${error.message}); the process runtime needs none`)
    }
  },
}

const testbeds: Check = {
  name: 'testbeds',
  async run(signal) {
    const listed = await listTestbeds(signal)
    const broken = listed.find((t) => t.state === 'unreadable' || t.state === 'degraded')
    if (broken === undefined)
      return ok(listed.length === 0 ? 'none' : listed.map((t) => `${t.name}: ${t.state}`).join(', '))
    const fix = broken.state === 'unreadable' ? `ezone down --name ${broken.name}` : `ezone up --name ${broken.name}`
    return {
      status: 'problem',
      text: `${broken.name} is ${broken.state}${broken.error === null ? '' : `: ${broken.error}`}`,
      fix,
    }
  },
}

/**
 * Processes whose testbed's folder is gone: somebody removed it by hand. They work in that folder, so the kernel tells.
 * Testbeds of another state folder live well, and are nobody's strays.
 */
const strays: Check = {
  name: 'strays',
  async run() {
    const leaders = (await markedProcesses()).filter((p) => p.leader)
    const folders = await Promise.all(leaders.map((p) => readlink(`/proc/${p.pid}/cwd`).catch(() => '')))
    const stray = leaders.filter((_, index) => folders[index]?.endsWith(' (deleted)'))
    if (stray.length === 0) return ok('no process without a testbed')
    return {
      status: 'problem',
      text: `without a testbed: ${stray.map((p) => `${p.spec} (pid ${p.pid})`).join(', ')}`,
      fix: `kill ${stray.map((p) => p.pid).join(' ')}`,
    }
  },
}

export const checks: readonly Check[] = [
  node,
  stateFolder,
  disk,
  memory,
  loopback,
  wildcardPorts,
  packageClients,
  docker,
  testbeds,
  strays,
]

async function onPath(program: string): Promise<boolean> {
  for (const folder of (env('PATH') ?? '').split(delimiter)) {
    const found = await access(join(folder, program), constants.X_OK).then(
      () => true,
      () => false,
    )
    if (found) return true
  }
  return false
}
