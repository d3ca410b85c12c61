import type { GlobalMove, GlobalState, GlobalZone } from './contracts/global.ts'
import { EzoneError } from './errors.ts'

interface LegalStep {
  readonly step: string
  readonly from: GlobalState
  readonly to: GlobalState
  readonly master: 'same' | 'target'
  /** A new epoch wherever another one may write afterwards, or nobody. */
  readonly epoch: 'same' | 'new'
}

/**
 * Every legal step of the Global Zone. What is not in this table does not happen.
 *
 *   planned   ACTIVE --freeze--> FROZEN --drain--> DRAINING --commit--> ACTIVE'
 *   hard      ACTIVE --seize--> TAKEOVER --serve--> ACTIVE'
 *   rollback  FROZEN, DRAINING --roll-back--> ACTIVE
 *
 * A hard move is not rolled back: its old master may never be heard of again.
 */
const legalSteps = [
  { step: 'freeze', from: 'ACTIVE', to: 'FROZEN', master: 'same', epoch: 'new' },
  { step: 'drain', from: 'FROZEN', to: 'DRAINING', master: 'same', epoch: 'same' },
  { step: 'commit', from: 'DRAINING', to: 'ACTIVE', master: 'target', epoch: 'new' },
  { step: 'seize', from: 'ACTIVE', to: 'TAKEOVER', master: 'same', epoch: 'new' },
  { step: 'serve', from: 'TAKEOVER', to: 'ACTIVE', master: 'target', epoch: 'new' },
  { step: 'roll-back', from: 'FROZEN', to: 'ACTIVE', master: 'same', epoch: 'new' },
  { step: 'roll-back', from: 'DRAINING', to: 'ACTIVE', master: 'same', epoch: 'new' },
] as const satisfies readonly LegalStep[]

export type GlobalStep = (typeof legalSteps)[number]['step']

/**
 * The record after a step; the move in it is the one given, which has this step as its last. Who has just become the
 * master again or anew is covered by nobody until its lease-keeper has seen the others follow.
 * @throws EZ_ILLEGAL_STATE where the step does not follow
 */
export function applyGlobalStep(zone: GlobalZone, step: GlobalStep, move: GlobalMove): GlobalZone {
  const legal = legalSteps.find((each) => each.step === step && each.from === zone.state)
  if (legal === undefined)
    throw new EzoneError('EZ_ILLEGAL_STATE', `the Global Zone is ${zone.state}: ${step} does not follow`)
  return {
    master: legal.master === 'target' ? move.to : zone.master,
    epoch: legal.epoch === 'new' ? zone.epoch + 1 : zone.epoch,
    state: legal.to,
    covered: legal.to === 'ACTIVE' ? false : zone.covered,
    move,
  }
}

/** A move with one more step, and what it changes of it. */
export function withStep(move: GlobalMove, step: string, atMs: number, changes: Partial<GlobalMove> = {}): GlobalMove {
  return { ...move, ...changes, steps: [...move.steps, { step, atMs }] }
}
