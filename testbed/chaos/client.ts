import type { AgentClient } from '../agent/client.ts'
import type { FaultReport } from './fault.ts'
import type { BlastRadius } from './kinds.ts'
import type { FaultRequest } from './request.ts'

interface Faults {
  readonly faults: readonly FaultReport[]
}

/** A zone that was killed has to start again before its fault has ended. */
const healMs = 180_000
const injectMs = 180_000

/**
 * Puts a fault in: for commands and drills. Answers when its effect was looked at; the agent ends it when its lease is
 * over, whatever becomes of whoever asked. `effect.proven` says whether it was seen: see `requireInForce`.
 * @throws EZ_USAGE, EZ_LEASE_TOO_LONG, EZ_UNKNOWN_…, EZ_FAULT_CONFLICT, EZ_TARGET_DEAD, EZ_LINK_UNCONTROLLED, EZ_BUSY
 */
export async function inject(agent: AgentClient, request: FaultRequest, signal: AbortSignal): Promise<FaultReport> {
  const answer = (await agent.ask('POST', '/faults', request, { ms: injectMs, signal })) as Faults
  const [fault] = answer.faults
  if (fault === undefined) throw new TypeError('the agent tells of no fault')
  return fault
}

/** What a fault would change, without doing anything. */
export async function planFault(agent: AgentClient, request: FaultRequest, signal: AbortSignal): Promise<BlastRadius> {
  return (await agent.ask('POST', '/faults/plan', request, { signal })) as BlastRadius
}

/** Ends these faults, or all; answers when each of them was shown to be gone. @throws EZ_UNKNOWN_FAULT, EZ_FAULT_NOT_REMOVED */
export async function heal(
  agent: AgentClient,
  which: readonly string[] | 'all',
  signal: AbortSignal,
): Promise<readonly FaultReport[]> {
  const paths = which === 'all' ? ['/faults'] : which.map((id) => `/faults/${encodeURIComponent(id)}`)
  const healed: FaultReport[] = []
  for (const path of paths) {
    const answer = (await agent.ask('DELETE', path, undefined, { ms: healMs, signal })) as Faults
    healed.push(...answer.faults)
  }
  return healed
}

/** Those in force or being ended, and the last ones that are over. */
export async function listFaults(agent: AgentClient, signal: AbortSignal): Promise<readonly FaultReport[]> {
  return ((await agent.ask('GET', '/faults', undefined, { signal })) as Faults).faults
}
