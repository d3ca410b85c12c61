import { closest, distance } from 'fastest-levenshtein'

/** The known word a person most likely meant, or undefined where none is near: two letters wrong, or a third of a longer one. */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  const originals = new Map([...known].map((one) => [one.toLowerCase(), one]))
  const wanted = word.toLowerCase()
  if (originals.size === 0 || wanted === '') return undefined
  const found = closest(wanted, [...originals.keys()])
  const letters = Math.max(wanted.length, found.length)
  const limit = letters < 4 ? 1 : Math.max(2, Math.floor(letters / 3))
  return distance(wanted, found) <= limit ? originals.get(found) : undefined
}

/** `did you mean bj? known: bj, sh` - the second half of every sentence about an unknown name. */
export function suggestion(word: string, known: Iterable<string>): string {
  const words = [...known]
  const near = nearest(word, words)
  const list = words.length > 0 ? `known: ${words.join(', ')}` : 'none are known'
  return near === undefined ? list : `did you mean ${near}? (${list})`
}
