import { durationText } from '../surroundings/duration.ts'
import type { ScenarioFault, Step } from './schema.ts'

/** What a step does, for a person. */
export function stepText({ fault, switch: wanted, heal, settle }: Step): string {
  if (fault !== undefined) return faultText(fault)
  if (wanted !== undefined) {
    const what =
      wanted.shards === undefined ? `all of ${wanted.from}` : `shards ${wanted.shards.join(', ')} of ${wanted.from}`
    return `${wanted.mode} switch: ${what} to ${wanted.to}`
  }
  if (settle !== undefined) return `until no zone is behind the others (at most ${durationText(settle)})`
  return heal === undefined ? '' : 'every fault ends'
}

function faultText(fault: ScenarioFault): string {
  const lasts = fault.for === undefined ? '' : ` for ${durationText(fault.for)}`
  switch (fault.kind) {
    case 'partition':
      return `partition (${fault.mode}) ${fault.direction ?? fault.between.join('-')}${lasts}`
    case 'latency':
      return `${fault.between.join('-')} ${fault.addMs} ms slower each way${lasts}`
    case 'bandwidth':
      return `${fault.between.join('-')} carries ${fault.kilobytesPerSecond} kB/s${lasts}`
    case 'flapping':
      return `${fault.between.join('-')} flaps, ${fault.downMs} ms down and ${fault.upMs} ms up${lasts}`
    case 'isolate':
      return `${fault.zone} is cut off from everybody${lasts}`
    case 'power':
      return `${fault.zone} loses its power${lasts}`
    case 'clock-skew':
      return `the clock of ${fault.target} goes wrong by ${fault.byMs} ms${lasts}`
    default:
      return `${fault.kind} ${fault.target}${lasts}`
  }
}

/** How long a fault that begins now lasts: what it says, or until the load ends; a lease is never shorter than a second. */
export function leaseOf(
  fault: ScenarioFault,
  { atMs, loadMs }: { readonly atMs: number; readonly loadMs: number },
): number {
  return Math.max(1_000, fault.for ?? loadMs - atMs)
}
