import { durationText } from '../surroundings/duration.ts'
import type { ScenarioFault, Step } from './schema.ts'

/** What a step does, for a person. */
export function stepText({ fault, switch: wanted, failback, heal, settle }: Step): string {
  if (fault !== undefined) return faultText(fault)
  if (wanted !== undefined) {
    const what =
      wanted.shards === undefined ? `all of ${wanted.from}` : `shards ${wanted.shards.join(', ')} of ${wanted.from}`
    return `${wanted.mode} switch: ${what} to ${wanted.to}`
  }
  if (failback !== undefined) return `failback of ${failback}`
  if (settle !== undefined) return `until no zone is behind the others (at most ${durationText(settle)})`
  return heal === undefined ? '' : 'every fault ends'
}

function faultText({ kind, target, for: forMs, ...settings }: ScenarioFault): string {
  const how = Object.entries(settings).flatMap(([key, value]) => (value === undefined ? [] : [`${key} ${value}`]))
  const lasts = forMs === undefined ? [] : [`for ${durationText(forMs)}`]
  return [`${kind} ${target}`, ...how, ...lasts].join(', ')
}

/** How long a fault that begins now lasts: what it says, or until the load ends; a lease is never shorter than a second. */
export function leaseOf(
  fault: ScenarioFault,
  { atMs, loadMs }: { readonly atMs: number; readonly loadMs: number },
): number {
  return Math.max(1_000, fault.for ?? loadMs - atMs)
}
