import type { Socket } from '../links/sockets.ts'
import type { DirectDial } from '../runtimes/docker/direct-dial.ts'
import type { DockerRuntime } from '../runtimes/docker/runtime.ts'
import { type Ground, runtimeAtHand } from './runtime-at-hand.ts'

/** What only the runtime of containers can tell an audit. */
export interface ContainerView {
  /** Connections inside the containers. */
  sockets(signal: AbortSignal): Promise<readonly Socket[]>
  /** Every door of another place, dialled from inside each place beside the link: none may answer. */
  directDials(signal: AbortSignal): Promise<readonly DirectDial[]>
}

/** null on a runtime without containers: there the host sees everything, and nothing forbids a direct dial. */
export function containerView(ground: Ground): ContainerView | null {
  if (ground.testbed.record.runtime !== 'docker') return null
  const runtime = async (signal: AbortSignal) => (await runtimeAtHand(ground, signal)) as DockerRuntime
  return {
    sockets: async (signal) => (await runtime(signal)).sockets(signal),
    directDials: async (signal) => (await runtime(signal)).directDials(signal),
  }
}
