import type { Fault, FaultPlan, Proof } from './fault.ts'

/**
 * How one sort of change is made, shown and taken back: changes of links, or of processes. Kinds of faults only plan such
 * changes, so that whoever finds a fault in the journal can end it without knowing what it was for.
 */
export interface Act {
  /** Refuses what cannot be done. Nothing has been touched yet. */
  check(plan: FaultPlan, signal: AbortSignal): Promise<void>
  /** A look at what will show the effect, opened before there is any. */
  look(plan: FaultPlan): Look
  /** Makes the change. May be repeated, also by an agent that finds it half done. */
  begin(fault: Fault, signal: AbortSignal): Promise<{ readonly skewMs: number }>
  /** What goes on by itself while the fault lasts, once its effect was looked at. */
  settle(fault: Fault): void
  /** Takes the change back; with `restore` false only so far that servers can be stopped in peace. */
  end(fault: Fault, restore: boolean, signal: AbortSignal): Promise<void>
  /** Shows that it is gone. `hidden`: other faults in force may keep probes from showing anything. */
  removal(fault: Fault, hidden: boolean, signal: AbortSignal): Promise<Proof>
}

export interface Look extends AsyncDisposable {
  /** Keys of the paths that answer now. */
  before(signal: AbortSignal): Promise<readonly string[]>
  effect(fault: Fault, hidden: boolean, signal: AbortSignal): Promise<Proof>
}
