import type { Clock } from '@ezone/sdk/model'
import type { Socket } from '../links/sockets.ts'
import type { DirectDial } from '../runtimes/docker/direct-dial.ts'
import type { DockerRuntime } from '../runtimes/docker/runtime.ts'
import { equip } from '../session/equip.ts'
import type { Testbed } from '../session/testbed.ts'

/** What only the runtime of containers can tell an audit. */
export interface ContainerView {
  /** Connections inside the containers. */
  sockets(signal: AbortSignal): Promise<readonly Socket[]>
  /** Every door of another place, dialled from inside each place beside the link: none may answer. */
  directDials(signal: AbortSignal): Promise<readonly DirectDial[]>
}

/** null on a runtime without containers: there the host sees everything, and nothing forbids a direct dial. */
export function containerView(
  testbed: Testbed,
  { cacheFolder, clock }: { readonly cacheFolder: string; readonly clock: Clock },
): ContainerView | null {
  if (testbed.record.runtime !== 'docker') return null
  // The dialling container is made of a server's files, so the runtime must know where these are.
  const runtime = async (signal: AbortSignal) => {
    const silent = { cacheFolder, tell: () => undefined, nowMs: () => clock.monotonicMs(), signal }
    return (await equip(testbed, silent)).runtime as DockerRuntime
  }
  return {
    sockets: async (signal) => (await runtime(signal)).sockets(signal),
    directDials: async (signal) => (await runtime(signal)).directDials(signal),
  }
}
