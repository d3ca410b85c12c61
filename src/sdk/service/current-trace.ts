import { AsyncLocalStorage } from 'node:async_hooks'
import type { Trace } from '../model/index.ts'

const storage = new AsyncLocalStorage<Trace>()

/** Runs work under a trace: whatever it logs, awaits or calls, `currentTrace` tells it. */
export const inTrace = <T>(trace: Trace, work: () => T): T => storage.run(trace, work)

/** The trace of the request or record in work; undefined outside of one. */
export const currentTrace = (): Trace | undefined => storage.getStore()
