import { ProcessRuntime } from '../runtimes/process/runtime.ts'
import type { Runtime } from '../runtimes/runtime.ts'
import { bootId } from '../surroundings/processes.ts'
import { readStarted } from './started.ts'
import { type Status, statusOf } from './status.ts'
import type { Testbed } from './testbed.ts'

const noLaunch = (): never => {
  throw new TypeError('an observer starts nothing')
}

/** A runtime that can see, stop and remove what exists, made without any server at hand. It cannot start anything. */
export async function observerOf(testbed: Testbed): Promise<Runtime> {
  const host = new ProcessRuntime({
    testbed: testbed.record.id,
    folder: testbed.folder,
    homes: new Map(),
    launch: noLaunch,
  })
  if (testbed.record.runtime === 'process') return host
  const { DockerRuntime } = await import('../runtimes/docker/runtime.ts')
  return new DockerRuntime({ testbed, homes: new Map(), launch: noLaunch, host })
}

/** The truth about a testbed without its agent: what the kernel and the engine show. */
export async function observedStatus(testbed: Testbed, signal: AbortSignal): Promise<Status> {
  const [runtime, started, boot] = await Promise.all([observerOf(testbed), readStarted(testbed.folder), bootId()])
  return statusOf({
    testbed,
    observed: await runtime.observe(signal),
    agent: null,
    linkStates: new Map(),
    versions: new Map(Object.entries(started?.versions ?? {})),
    ready: started,
    bootId: boot,
    busyPhase: null,
  })
}
