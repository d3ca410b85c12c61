import type { History } from '../ledger/history.ts'

/** What is made of a whole history is made once, whoever asks; a history does not change. */
export function perHistory<T>(make: (history: History) => T): (history: History) => T {
  const made = new WeakMap<History, { readonly value: T }>()
  return (history) => {
    const known = made.get(history) ?? { value: make(history) }
    made.set(history, known)
    return known.value
  }
}
