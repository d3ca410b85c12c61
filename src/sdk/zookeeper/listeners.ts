/** Tells everybody. A listener that throws is a bug of its owner: it surfaces as an uncaught error and harms nobody else. */
export function tellAll<T>(listeners: Iterable<(event: T) => void>, event: T): void {
  for (const listener of [...listeners])
    try {
      listener(event)
    } catch (error) {
      queueMicrotask(() => {
        throw error
      })
    }
}
