import { execFile } from 'node:child_process'
import { watch } from 'node:fs'
import { mkdtempDisposable, readFile } from 'node:fs/promises'
import { freemem, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { type Clock, systemClock } from '@ezone/sdk/clock'
import { bytesText } from '../face/table.ts'
import { which } from '../servers/run.ts'
import { type Check, type Finding, ok } from './check.ts'

const gib = 1024 ** 3
const textOf = (path: string) => readFile(path, 'latin1').catch(() => '')

export const node: Check = {
  name: 'node',
  async run(signal) {
    const own = process.versions.node
    const first = await which('node')
    const asked = first === null ? null : promisify(execFile)(first, ['--version'], { signal }).catch(() => null)
    const version = (await asked)?.stdout.trim().slice(1) ?? null
    if (version === null || version === own) return ok(`Node ${own}`)
    return ok(`Node ${own}; the first one on PATH is ${version}, which ezone is not run under`)
  },
}

export const memory: Check = {
  name: 'memory',
  async run() {
    const [meminfo, limit, used] = await Promise.all([
      textOf('/proc/meminfo'),
      textOf('/sys/fs/cgroup/memory.max'),
      textOf('/sys/fs/cgroup/memory.current'),
    ])
    return memoryFinding(meminfo, limit, used)
  },
}

/** What may still be taken: of the machine, and of the container that this runs in. */
export function memoryFinding(meminfo: string, limit: string, used: string): Finding {
  const kib = /^MemAvailable:\s+(\d+)/m.exec(meminfo)?.[1]
  const machine = kib === undefined ? freemem() : Number(kib) * 1024
  const container = /^\d+$/.test(limit.trim()) ? Math.max(0, Number(limit) - Number(used)) : Number.POSITIVE_INFINITY
  const available = Math.min(machine, container)
  if (available > 2.5 * gib) return ok(`${bytesText(available)} available`)
  return {
    status: available > 1.5 * gib ? 'warning' : 'problem',
    text: `${bytesText(available)} available; a testbed takes about 1.3 GiB`,
    cause: container < machine ? 'the container that this runs in is limited' : 'other programs have the rest',
    fix: container < machine ? 'Give the container more memory.' : 'End something, or expect slow starts.',
  }
}

/** A testbed of two zones has 32 processes, seven of them with a JVM's threads; a broker has hundreds of files open. */
const wanted = { files: 4_096, threads: 4_096 } as const

export const limits: Check = {
  name: 'limits',
  async run() {
    const [own, most, used] = await Promise.all([
      textOf('/proc/self/limits'),
      textOf('/sys/fs/cgroup/pids.max'),
      textOf('/sys/fs/cgroup/pids.current'),
    ])
    return limitsFinding(own, most, used)
  },
}

/** Of open files the hard limit counts: Node raises the other one by itself, and its children have it from there. */
export function limitsFinding(own: string, most: string, used: string): Finding {
  const hard = (name: string) => {
    const found = new RegExp(`^${name}\\s+\\S+\\s+(\\d+)`, 'm').exec(own)?.[1]
    return found === undefined ? Number.POSITIVE_INFINITY : Number(found)
  }
  const files = hard('Max open files')
  const left = /^\d+$/.test(most.trim()) ? Number(most) - Number(used) : Number.POSITIVE_INFINITY
  const threads = Math.min(hard('Max processes'), left)
  if (files < wanted.files)
    return {
      status: 'problem',
      text: `a process may have ${files} files open; ${wanted.files} are wanted`,
      cause: 'MySQL and Kafka open a file per table and segment, and end where they cannot',
      fix: `ulimit -Hn ${wanted.files} as root, or raise LimitNOFILE of what started this shell.`,
    }
  if (threads < wanted.threads)
    return {
      status: 'warning',
      text: `${threads} processes and threads may be started; ${wanted.threads} are wanted`,
      cause:
        left < Number.POSITIVE_INFINITY
          ? 'the limit of this container (pids.max)'
          : 'the limit of this user (ulimit -u)',
      fix: 'Raise it: --pids-limit of the container, or nproc of the user.',
    }
  return ok('files and processes enough')
}

export const watches: Check = {
  name: 'file watches',
  async run() {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'ezone-doctor-'))
    try {
      watch(folder.path).close()
      return ok('files can be watched')
    } catch (error) {
      return {
        status: 'warning',
        text: `no more files can be watched: ${(error as Error).message}`,
        cause: 'editors and other tools have taken all that this user may have',
        fix: 'sysctl -w fs.inotify.max_user_instances=1024 fs.inotify.max_user_watches=524288 (as root)',
      }
    }
  },
}

/** Ids count the seconds since then. */
const epochMs = Date.UTC(2025, 0)
const watchedMs = 300
const jumpMs = 50

export const clockCheck = (clock: Clock): Check => ({
  name: 'clock',
  async run(signal) {
    const [wall, steady] = [clock.nowMs(), clock.monotonicMs()]
    await sleep(watchedMs, undefined, { signal })
    const offMs = Math.round(clock.nowMs() - wall - (clock.monotonicMs() - steady))
    if (wall < epochMs)
      return {
        status: 'problem',
        text: `it is ${new Date(wall).toISOString()} here`,
        cause: 'ids of orders count the seconds since 2025; before that none can be made',
        fix: 'Set the clock, or have it set: timedatectl set-ntp true.',
      }
    if (Math.abs(offMs) <= jumpMs) return ok('it goes evenly')
    return {
      status: 'warning',
      text: `it jumped by ${offMs} ms while it was watched for ${watchedMs} ms`,
      cause: 'something sets it: leases end early or late by as much, and a ready testbed looks degraded',
      fix: 'Have one program set it, slowly: timedatectl, chronyc tracking.',
    }
  },
})

export const clock: Check = clockCheck(systemClock)
