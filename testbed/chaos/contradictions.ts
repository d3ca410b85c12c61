import { EzoneError } from '@ezone/sdk/errors'
import { type Fault, type FaultPlan, isOver, type LinkChange } from './fault.ts'

/** @throws EZ_FAULT_CONFLICT where a fault that is not over would hide this one, or be undone by its end. */
export function requireNoContradiction({ plan }: { readonly plan: FaultPlan }, open: readonly Fault[]): void {
  for (const fault of open) {
    const why = isOver(fault) ? null : contradiction(plan, fault.plan)
    if (why !== null)
      throw new EzoneError(
        'EZ_FAULT_CONFLICT',
        `fault ${fault.id} (${fault.kind} of ${fault.target}) is in force: ${why}`,
      )
  }
}

/** Why two faults cannot be in force at once; null where they can. Pure. */
export function contradiction(wanted: FaultPlan, there: FaultPlan): string | null {
  const twice = wanted.specs.find(({ spec }) => there.specs.some((other) => other.spec === spec))
  if (twice) return `${twice.spec} has a fault already, and the end of one would undo the other`
  for (const change of wanted.links) {
    const below = there.links.find(({ link }) => link === change.link)
    const why = below && clash(change, below)
    if (why) return `link ${change.link} ${why}`
  }
  return null
}

/** Cuts stand on top of cuts and of slow links; whatever else meets on one link cannot be told apart any more. */
function clash(wanted: LinkChange, there: LinkChange): string | null {
  const [a, b] = [wanted.how.type, there.how.type]
  const slow = ['latency', 'bandwidth']
  if (a === 'drop' && (b === 'drop' || slow.includes(b))) return null
  if (slow.includes(a) && slow.includes(b) && a !== b) return null
  if (a === b && slow.includes(a)) return oneWay(wanted, there) ? null : `has ${a} already; the two would add up`
  if (slow.includes(a)) return `is cut (${b}): nobody could see that it is slow`
  return `has ${b} already; beside it ${a} could not be shown, nor its end`
}

const oneWay = (a: LinkChange, b: LinkChange): boolean =>
  a.direction !== null && b.direction !== null && a.direction.from !== b.direction.from
