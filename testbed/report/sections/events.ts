import { faultDeed } from '../fault-words.ts'
import { gathered } from '../gathered.ts'
import { type Html, html } from '../html.ts'
import { atText, msText, type Phrase, phrase } from '../phrase.ts'
import type { Report, Times } from '../schema.ts'
import { alertWords, timeWords } from '../words.ts'

interface Event {
  readonly atMs: number
  readonly kind: 'fault' | 'step' | 'alert' | 'time'
  readonly mark: string
  readonly text: Phrase
}

const shownMax = 200

/** All that happened, in its order, in words: what the chart above draws. */
export function eventList(report: Report): Html {
  const events = eventsOf(report).toSorted((a, b) => a.atMs - b.atMs)
  if (events.length === 0) return html``
  return html`
<h2>${phrase('In its order', '时间顺序')}</h2>
<ol class="events">${events
    .slice(0, shownMax)
    .map(
      ({ atMs, kind, mark, text }) =>
        html`<li><span class="at">${atText(atMs)}</span><span class="dot ${kind}">${mark}</span><span>${text}</span></li>`,
    )}</ol>
${events.length > shownMax && html`<p class="faint">+ ${events.length - shownMax} (report.json)</p>`}`
}

export function eventsOf(report: Report): readonly Event[] {
  return [...faultEvents(report), ...stepEvents(report), ...alertEvents(report), ...timeEvents(report.times)]
}

const event = (atMs: number | null, kind: Event['kind'], mark: string, text: Phrase): readonly Event[] =>
  atMs === null ? [] : [{ atMs, kind, mark, text }]

const faultEvents = ({ faults }: Report) =>
  faults.flatMap((fault) => {
    const deed = faultDeed(fault)
    const proof = (proven: boolean | null) =>
      proven === true ? phrase('proven by measurement', '经测量证实') : phrase('not proven', '未经证实')
    const [effect, removal] = [proof(fault.effectProven), proof(fault.removalProven)]
    return [
      ...event(fault.inForceMs, 'fault', '!', phrase(`${deed.en}: ${effect.en}`, `${deed.zh}：${effect.zh}`)),
      ...event(
        fault.endedMs,
        'fault',
        '✓',
        phrase(
          `fault removed (${fault.kind} ${fault.target}): ${removal.en}`,
          `故障解除（${fault.kind} ${fault.target}）：${removal.zh}`,
        ),
      ),
    ]
  })

const stepEvents = ({ switches }: Report) =>
  switches
    .flatMap(({ steps }) => steps)
    .toSorted((a, b) => a.atMs - b.atMs)
    .flatMap(({ atMs, name, text, shards }, index) => {
      const what = `${name}${text === null ? '' : ` – ${text}`}`
      const who = shardsOf(shards)
      return event(atMs, 'step', String(index + 1), phrase(`switch${who.en}: ${what}`, `切换${who.zh}：${what}`))
    })

function shardsOf(shards: readonly number[]): Phrase {
  if (shards.length === 0) return phrase('', '')
  if (shards.length > 4) return phrase(` of ${shards.length} shards`, ` ${shards.length} 个分片`)
  return phrase(` of ${shards.length === 1 ? 'shard' : 'shards'} ${shards.join(', ')}`, `分片 ${shards.join('、')}`)
}

const alertEvents = ({ alerts }: Report) =>
  gathered(alerts).flatMap(({ rule, who, firedMs, resolvedMs, afterFaultMs }) => {
    const what = alertWords[rule]
    const after =
      afterFaultMs === null
        ? phrase('', '')
        : phrase(` (${msText(afterFaultMs)} after the fault)`, `（故障后 ${msText(afterFaultMs)}）`)
    return [
      ...event(
        firedMs,
        'alert',
        '▲',
        phrase(`alert, ${who.en}: ${what.en}${after.en}`, `告警 ${who.zh}：${what.zh}${after.zh}`),
      ),
      ...event(resolvedMs, 'alert', '▽', phrase(`alert over, ${who.en}: ${what.en}`, `告警解除 ${who.zh}：${what.zh}`)),
    ]
  })

/** The others are steps of the switch, said already. */
const seenByClients = ['t1', 't7', 't8'] as const

const timeEvents = (times: Times) =>
  seenByClients.flatMap((name) =>
    event(
      times[name],
      'time',
      '',
      phrase(`${name.toUpperCase()}: ${timeWords[name].en}`, `${name.toUpperCase()}：${timeWords[name].zh}`),
    ),
  )
