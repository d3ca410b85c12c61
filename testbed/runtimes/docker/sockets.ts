import { readFile } from 'node:fs/promises'
import { EzoneError } from '@ezone/sdk/errors'
import { tableRows } from '../../links/kernel-table.ts'
import { endsOf, type Socket } from '../../links/sockets.ts'
import { type FoundContainer, findContainers } from './containers-found.ts'
import type { Engine } from './engine.ts'

/**
 * The living connections inside every container of a testbed, each with the spec that holds it. Read from /proc of the
 * engine's machine; nothing runs in the containers for it, so what is looked at is not changed by looking.
 *
 * @throws EZ_SOCKETS_UNSEEN where that /proc is not this machine's, or not for this user: no sockets would look like none.
 */
export async function containerSockets(
  engine: Engine,
  testbedId: string,
  signal: AbortSignal,
): Promise<readonly Socket[]> {
  const containers = await findContainers(engine, testbedId, signal)
  const running = containers.filter((container) => container.running)
  return (await Promise.all(running.map(socketsOf))).flat()
}

async function socketsOf(container: FoundContainer): Promise<readonly Socket[]> {
  const { enginePid, specId, place } = container
  try {
    // Where the engine runs in a machine of its own, the same number is another process here.
    const cgroups = await readFile(`/proc/${enginePid}/cgroup`, 'latin1')
    if (!cgroups.includes(container.container)) throw new Error(`pid ${enginePid} of this machine is not it`)
    const [v4, v6] = await Promise.all([
      readFile(`/proc/${enginePid}/net/tcp`, 'latin1'),
      // A kernel without IPv6 has no second table.
      readFile(`/proc/${enginePid}/net/tcp6`, 'latin1').catch(() => ''),
    ])
    const pid = enginePid ?? 0
    const rows = [...tableRows(v4), ...tableRows(v6)]
    // One server per container: whatever socket is in there is its own.
    const holders = new Map(rows.map((row) => [row.inode, [pid]]))
    const sockets = endsOf(rows, holders, new Map([[pid, { pid, process: specId, place }]]))
    return sockets.filter(({ remote }) => !remote.host.startsWith('127.'))
  } catch (cause) {
    throw new EzoneError(
      'EZ_SOCKETS_UNSEEN',
      `the sockets of ${specId} (container ${container.container}) cannot be seen`,
      {
        cause,
      },
    )
  }
}
