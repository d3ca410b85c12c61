/** One call in a concurrent history. */
export interface TimedCall<S> {
  readonly callMs: number
  /** Infinite where nobody was answered: then it may have happened at any time since, or never. */
  readonly returnMs: number
  /** The state afterwards; undefined where the answer cannot have come from this state. */
  readonly apply: (state: S) => S | undefined
}

interface Node<S> {
  readonly call: TimedCall<S>
  readonly index: number
  /** Its return, for a call; null for a return. */
  readonly match: Node<S> | null
  next: Node<S> | null
  previous: Node<S> | null
}

/**
 * Whether some order of the calls explains all answers, each call at one moment between its call and its return:
 * Wing and Gong's search, with Lowe's memory of what was tried (which calls are done, and the state they led to).
 * `unknown` where that takes more than `stepsMax` steps: the search is exponential in calls at the same time.
 */
export function linearizable<S extends string>(
  calls: readonly TimedCall<S>[],
  initial: S,
  stepsMax: number,
): 'yes' | 'no' | 'unknown' {
  let required = calls.filter(({ returnMs }) => returnMs !== Number.POSITIVE_INFINITY).length
  const head = linked(calls)
  const done = new Uint8Array(calls.length)
  const tried = new Set<string>()
  const way: { readonly node: Node<S>; readonly before: S }[] = []
  let state = initial
  let node = head.next
  for (let steps = 0; required > 0; steps++) {
    if (steps > stepsMax) return 'unknown'
    if (node !== null && node.match !== null) {
      const after = node.call.apply(state)
      if (after !== undefined && isNew(tried, done, node.index, after)) {
        way.push({ node, before: state })
        state = after
        lift(node)
        if (node.match.call.returnMs !== Number.POSITIVE_INFINITY) required--
        node = head.next
      } else node = node.next
      continue
    }
    // A return of a call that is not done yet: what was chosen before was wrong. Those that may never have happened
    // return at the very end, when nothing is required any more.
    const last = way.pop()
    if (last === undefined) return 'no'
    done[last.node.index] = 0
    state = last.before
    lower(last.node)
    if (last.node.call.returnMs !== Number.POSITIVE_INFINITY) required++
    node = last.node.next
  }
  return 'yes'
}

/** Marks the call as done where these calls have not led to this state before. */
function isNew(tried: Set<string>, done: Uint8Array, index: number, state: unknown): boolean {
  done[index] = 1
  const key = `${done.join('')}|${state}`
  if (tried.has(key)) {
    done[index] = 0
    return false
  }
  tried.add(key)
  return true
}

/** Calls and returns in one list, by time; of two at once the call comes first. */
function linked<S>(calls: readonly TimedCall<S>[]): { next: Node<S> | null } {
  const events = calls.flatMap((call, index) => {
    const end: Node<S> = { call, index, match: null, next: null, previous: null }
    const start: Node<S> = { call, index, match: end, next: null, previous: null }
    return [
      { atMs: call.callMs, order: 0, node: start },
      { atMs: call.returnMs, order: 1, node: end },
    ]
  })
  events.sort((a, b) => (a.atMs === b.atMs ? a.order - b.order : a.atMs - b.atMs))
  const head: Node<S> = {
    call: { callMs: 0, returnMs: 0, apply: (s) => s },
    index: -1,
    match: null,
    next: null,
    previous: null,
  }
  let last = head
  for (const { node } of events) {
    last.next = node
    node.previous = last
    last = node
  }
  return head
}

/** Takes a call and its return out of the list. */
function lift<S>(node: Node<S>): void {
  for (const one of [node, node.match]) {
    if (one === null) continue
    if (one.previous !== null) one.previous.next = one.next
    if (one.next !== null) one.next.previous = one.previous
  }
}

/** Puts them back, in the reverse order. */
function lower<S>(node: Node<S>): void {
  for (const one of [node.match, node]) {
    if (one === null) continue
    if (one.previous !== null) one.previous.next = one
    if (one.next !== null) one.next.previous = one
  }
}
