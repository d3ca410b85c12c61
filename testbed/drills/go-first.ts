import { readdirSync } from 'node:fs'
import { constants, getPriority, setPriority } from 'node:os'

/**
 * Lets this process have the processor first while it is held, where the user may do so: a client that could not send in
 * time makes the verdict unknown. Elsewhere nothing happens.
 */
export function goFirst(): Disposable {
  const before = getPriority()
  setAll(constants.priority.PRIORITY_HIGHEST)
  return { [Symbol.dispose]: () => setAll(before) }
}

/** Of every thread: where priority is a matter of threads, the clients would wait for a collector that waits for its turn. */
function setAll(priority: number): void {
  for (const thread of [process.pid, ...threads()])
    try {
      setPriority(thread, priority)
    } catch {
      // Not allowed, or gone meanwhile.
    }
}

function threads(): readonly number[] {
  try {
    return readdirSync('/proc/self/task').map(Number)
  } catch {
    return []
  }
}
