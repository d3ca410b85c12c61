import { readlink } from 'node:fs/promises'
import { listTestbeds } from '../session/list.ts'
import { markedProcesses } from '../surroundings/processes.ts'
import { type Check, ok } from './check.ts'

export const testbeds: Check = {
  name: 'testbeds',
  async run(signal) {
    const listed = await listTestbeds(signal)
    const broken = listed.find((t) => t.state === 'unreadable' || t.state === 'degraded')
    if (broken === undefined)
      return ok(listed.length === 0 ? 'none' : listed.map((t) => `${t.name}: ${t.state}`).join(', '))
    const unreadable = broken.state === 'unreadable'
    return {
      status: 'problem',
      text: `${broken.name} is ${broken.state}`,
      cause: broken.error ?? `${broken.running} of ${broken.specs ?? '?'} run, or something began by itself`,
      fix: `ezone ${unreadable ? 'down' : 'up'} --name ${broken.name}`,
    }
  },
}

/**
 * Processes whose testbed's folder is gone: somebody removed it by hand. They work in that folder, so the kernel tells.
 * Testbeds of another state folder live well, and are nobody's strays.
 */
export const strays: Check = {
  name: 'strays',
  async run() {
    const leaders = (await markedProcesses()).filter((p) => p.leader)
    const folders = await Promise.all(leaders.map((p) => readlink(`/proc/${p.pid}/cwd`).catch(() => '')))
    const stray = leaders.filter((_, index) => folders[index]?.endsWith(' (deleted)'))
    if (stray.length === 0) return ok('no process without a testbed')
    return {
      status: 'problem',
      text: `without a testbed: ${stray.map((p) => `${p.spec} (pid ${p.pid})`).join(', ')}`,
      cause: 'the folder of their testbed was removed by hand; `ezone down` would have ended them',
      fix: `kill ${stray.map((p) => p.pid).join(' ')}`,
    }
  },
}
