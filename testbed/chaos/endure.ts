import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock } from '@ezone/sdk/clock'
import type { AgentClient } from '../agent/client.ts'
import { ensureAgent } from '../agent/ensure.ts'
import { credentialsOf } from '../agent/probe-credentials.ts'
import { pathsOf } from '../links/paths.ts'
import type { Testbed } from '../session/testbed.ts'
import { heal, inject, listFaults } from './client.ts'
import { type FaultReport, notGone } from './fault.ts'
import { type LivePath, watchLive } from './live.ts'
import type { FaultRequest } from './request.ts'

export interface Enduring {
  readonly onBegun: (fault: FaultReport) => void
  readonly onPaths: (paths: readonly LivePath[], leftMs: number) => void
  /** Fired by Ctrl-C: the fault then ends at once. */
  readonly signal: AbortSignal
}

const askEveryMs = 500
const agentMs = 15_000
/** More than an end that works ever takes after the lease is over. */
const endMs = 60_000

/**
 * Puts a fault in and stays with it until it is shown to be gone, by its lease or because the signal fired. Everything is
 * kept by the agent: whoever is killed while staying changes nothing.
 * @throws what `inject` throws, EZ_FAULT_NOT_REMOVED
 */
export async function endure(
  testbed: Testbed,
  agent: AgentClient,
  request: FaultRequest,
  { onBegun, onPaths, signal }: Enduring,
): Promise<FaultReport> {
  const begun = await inject(agent, request, signal)
  onBegun(begun)
  const over = new AbortController()
  const untilMs = Date.parse(begun.leaseUntil)
  const paths = pathsOf(testbed.blueprint).filter(({ link }) => link !== null && begun.links.includes(link))
  const watched = watchLive(paths, {
    credentialsOf: credentialsOf(testbed),
    clock: systemClock,
    show: (lines) => onPaths(lines, untilMs - systemClock.nowMs()),
    signal: AbortSignal.any([signal, over.signal]),
  })
  try {
    const never = new AbortController().signal
    for (;;) {
      await sleep(askEveryMs, undefined, { signal }).catch(() => undefined)
      if (signal.aborted) {
        const [healed] = await heal(await ensureAgent(testbed, never), [begun.id], never)
        // None: it was over in this very moment.
        return healed ?? (await now(testbed, begun))
      }
      const fault = await now(testbed, begun)
      if (fault.state === 'ended') return fault
      if (systemClock.nowMs() > untilMs + endMs) throw notGone(fault)
    }
  } finally {
    over.abort()
    await watched
  }
}

/** An agent that was killed meanwhile is started again: it takes the fault up, and ends it. */
async function now(testbed: Testbed, last: FaultReport): Promise<FaultReport> {
  const signal = AbortSignal.timeout(agentMs)
  const faults = await ensureAgent(testbed, signal)
    .then((agent) => listFaults(agent, signal))
    .catch(() => [])
  return faults.find(({ id }) => id === last.id) ?? last
}
