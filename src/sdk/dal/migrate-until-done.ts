import { setTimeout as sleep } from 'node:timers/promises'
import type { ZoneDatabase } from './zone-database.ts'

const againMs = 500

/** What it stands on; a ServiceContext is one. */
export interface MigratingContext {
  readonly log: { info(text: string): void; warn(what: object, text: string): void }
  readonly signal: AbortSignal
}

export interface Migrating {
  /** The service whose schemas they are. */
  readonly service: string
  /** Run once per zone, in this order, and never changed afterwards: a change is a new one. */
  readonly migrations: readonly (readonly string[])[]
  /** Called once, when the schema is there: what reads or writes it may begin. */
  readonly onDone?: () => void
}

/**
 * Brings the schemas of a service up to date, in the background: MySQL may come later than the service, or go and come
 * again, so it is tried until it has worked once.
 */
export function migrateUntilDone(
  db: Pick<ZoneDatabase, 'migrate'>,
  { service, migrations, onDone }: Migrating,
  { log, signal }: MigratingContext,
): { readonly done: boolean } {
  const state = { done: false }
  const run = async () => {
    let told = false
    while (!state.done && !signal.aborted) {
      try {
        await db.migrate(service, migrations)
        state.done = true
        log.info('the schema is up to date')
        onDone?.()
      } catch (error) {
        if (!told) log.warn({ err: error }, 'the schema cannot be brought up to date yet; trying on')
        told = true
        await sleep(againMs, undefined, { signal, ref: false }).catch(() => {})
      }
    }
  }
  void run()
  return state
}
