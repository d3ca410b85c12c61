import type { History, OperationEntry } from '../ledger/history.ts'
import { type Contradiction, define } from './define.ts'
import { linearizable, type TimedCall } from './linearize.ts'
import { firstSent, pushTo } from './operations.ts'
import { at, whoSaid } from './words.ts'

/** Steps of one phone, and of all together: enough for any history but one of hundreds of calls for one phone at once. */
const stepsMax = 100_000
const nobody = ''
/** Somebody was registered who never heard of it. */
const somebody = '?'
const takenCode = 'EZ_PHONE_TAKEN'

/**
 * Registrations of a phone happened one after the other, in an order that fits the times: the first one gave the user,
 * and everybody else was told of that one, or refused. What is true of each phone alone is true of all together.
 */
export const registrationLinearizable = define({
  name: 'registration-linearizable',
  statement: 'Of every phone there is one user, from the moment somebody was told so',
  missing: ({ op }) => (op.some(({ kind }) => kind === 'register') ? null : 'nobody registered a phone'),
  look(history) {
    const phones = byPhone(history)
    const users = Map.groupBy(history.user, ({ phone }) => phone)
    const since = firstSent(history)
    const found: Contradiction[] = []
    const tooHard: string[] = []
    for (const [phone, ops] of phones) {
      const stored = [...new Set(users.get(phone)?.map(({ userId }) => userId))]
      const calls = [
        ...ops.flatMap((op) => callOf(op, since(op))),
        ...(history.user.length > 0 ? atTheEnd(stored) : []),
      ]
      const verdict = linearizable(calls, nobody, stepsMax)
      if (verdict === 'unknown') tooHard.push(phone)
      if (verdict === 'no') found.push({ ids: [phone], size: ops.length, story: () => story(phone, ops, stored) })
    }
    return { checked: phones.size, found, missing: notJudged(history, tooHard) }
  },
})

function notJudged({ user }: History, tooHard: readonly string[]): string | null {
  if (user.length === 0) return 'the users of the global database were not read at the end'
  return tooHard.length > 0 ? `too many calls at once to tell, for ${tooHard.slice(0, 3).join(', ')}` : null
}

function byPhone({ op }: History): ReadonlyMap<string, readonly OperationEntry[]> {
  const phones = new Map<string, OperationEntry[]>()
  for (const one of op) if (one.kind === 'register' && one.subject !== null) pushTo(phones, one.subject, one)
  for (const one of op) {
    if (one.kind !== 'read' || one.outcome !== 'ok' || one.saw === null || one.subject === null) continue
    phones.get(one.subject)?.push(one)
  }
  return phones
}

/** A state is the user of the phone. Who reads and finds nobody may have asked a copy that lags: that says nothing. */
function callOf({ kind, outcome, saw, code, answeredMs }: OperationEntry, callMs: number): TimedCall<string>[] {
  const registers = kind === 'register'
  if (outcome === 'unknown' && registers)
    return [{ callMs, returnMs: Number.POSITIVE_INFINITY, apply: (user) => (user === nobody ? somebody : undefined) }]
  if (outcome === 'ok' && saw !== null) {
    const from: readonly string[] = registers ? [saw, nobody] : [saw, somebody]
    return [{ callMs, returnMs: answeredMs, apply: (user) => (from.includes(user) ? saw : undefined) }]
  }
  if (outcome === 'failed' && code === takenCode)
    return [{ callMs, returnMs: answeredMs, apply: (user) => (user === nobody ? undefined : user) }]
  return []
}

/** What the stores say when all is over. */
function atTheEnd(stored: readonly string[]): readonly TimedCall<string>[] {
  const end = { callMs: Number.MAX_SAFE_INTEGER, returnMs: Number.MAX_SAFE_INTEGER }
  if (stored.length === 0) return [{ ...end, apply: (user) => (user === nobody ? user : undefined) }]
  return stored.map((id) => ({ ...end, apply: (user: string) => (user === id || user === somebody ? id : undefined) }))
}

function story(phone: string, ops: readonly OperationEntry[], stored: readonly string[]): string {
  const answers = ops
    .filter(({ outcome, code }) => outcome === 'ok' || code === takenCode)
    .toSorted((a, b) => a.answeredMs - b.answeredMs)
  const distinct = answers.filter((op, index) => answers.findIndex(({ saw }) => saw === op.saw) === index)
  const told = distinct.slice(0, 4).map((op) => {
    const what = op.saw === null ? 'that it is taken' : `that its user is ${op.saw}`
    return `${at(op.answeredMs)} ${whoSaid(op)} told ${op.client} ${what} (asked ${at(op.sentMs)})`
  })
  const end = stored.length === 0 ? 'at the end it has no user' : `at the end its user is ${stored.join(' and ')}`
  return `phone ${phone}: ${[...told, end].join('; ')}: no order of these explains them`
}
