import { constants, getPriority, setPriority } from 'node:os'

/**
 * Lets this process have the processor first while it is held, where the user may do so: a client that could not send in
 * time would make the verdict unknown. Elsewhere nothing happens.
 */
export function goFirst(): Disposable {
  const before = getPriority()
  try {
    setPriority(constants.priority.PRIORITY_HIGHEST)
  } catch {
    return { [Symbol.dispose]: () => undefined }
  }
  return { [Symbol.dispose]: () => setPriority(before) }
}
