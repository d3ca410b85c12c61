import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { constants, getPriority, setPriority } from 'node:os'

/** Linux shares the processors between sessions before it looks at the priorities inside one (sched(7), "autogroup"). */
const groupFile = '/proc/self/autogroup'

/**
 * Lets this process have the processor first while it is held, where the user may do so: a client that could not send in
 * time makes the verdict unknown. Elsewhere nothing happens. Its session goes first with it, also when it is killed.
 */
export function goFirst(): Disposable {
  const before = { process: getPriority(), session: sessionPriority() }
  setSession(constants.priority.PRIORITY_HIGHEST)
  setAll(constants.priority.PRIORITY_HIGHEST)
  return {
    [Symbol.dispose]: () => {
      setAll(before.process)
      if (before.session !== null) setSession(before.session)
    },
  }
}

/** Null where sessions have none. */
function sessionPriority(): number | null {
  try {
    const [, nice] = /nice (-?\d+)/.exec(readFileSync(groupFile, 'utf8')) ?? []
    return nice === undefined ? null : Number(nice)
  } catch {
    return null
  }
}

function setSession(priority: number): void {
  try {
    writeFileSync(groupFile, String(priority))
  } catch {
    // Not allowed, or no such thing here.
  }
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
