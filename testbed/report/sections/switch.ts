import { type Html, html } from '../html.ts'
import { atText, countText, msText, type Phrase, percentText, phrase } from '../phrase.ts'
import type { Report, Times } from '../schema.ts'
import { axisWords, timeWords } from '../words.ts'

const idsShown = 200

/** How long it took, step by step, and what is gone, by name. */
export function switchTimes(report: Report): Html {
  const { times, rtoMs, writeGapMs, rpo, rtoPerShard } = report
  const known = (Object.keys(timeWords) as (keyof Times)[]).filter((name) => times[name] !== null)
  return html`
<h2>${phrase('Time and loss', '时间与损失')}</h2>
<dl>
<dt>RTO</dt><dd>${msText(rtoMs)} – ${phrase('from T0 until the clients of the last shard are served as before, T8', '从 T0 到最后一个分片的客户端恢复如前（T8）')}${spread(rtoPerShard)}</dd>
<dt>${phrase('longest write gap', '最长写入中断')}</dt><dd>${msText(writeGapMs)}</dd>
<dt>RPO</dt><dd>${countText(report.rpoOrders.length)} – ${phrase('acknowledged orders missed: for a while after a takeover, or for good', '已确认却一度或永久缺失的订单')}</dd>
</dl>
${
  known.length > 0 &&
  html`<div class="wide"><table><thead><tr><th></th><th>${phrase('what', '事件')}</th><th class="n">${phrase('at', '时刻')}</th><th class="n">${phrase('after T0', 'T0 之后')}</th></tr></thead>
<tbody>${known.map((name) => timeRow(name, times))}</tbody></table></div>`
}
${idList(phrase('Lost for good', '永久丢失'), rpo.forGood)}
${idList(phrase('Missed after the takeover', '接管后一度缺失'), rpo.missed)}
${idList(phrase('What the platform itself said is lost', '平台自报丢失'), rpo.claimed)}
${grading(report)}`
}

function spread(shards: Report['rtoPerShard']): Html {
  const known = shards.filter(({ rtoMs }) => rtoMs !== null).map(({ rtoMs }) => Number(rtoMs))
  if (known.length < 2) return html``
  const middle = known.toSorted((a, b) => a - b)[(known.length - 1) >> 1] ?? null
  const never = shards.length - known.length
  return html`<br><span class="faint">${phrase(
    `${shards.length} shards: half of them within ${msText(middle)}${never > 0 ? `, ${never} never` : ''}`,
    `${shards.length} 个分片：半数在 ${msText(middle)} 内${never > 0 ? `，${never} 个始终未恢复` : ''}`,
  )}</span>`
}

function timeRow(name: keyof Times, times: Times): Html {
  const at = times[name]
  const after = at === null || times.t0 === null ? null : at - times.t0
  return html`<tr><td>${name.toUpperCase()}</td><td>${timeWords[name]}</td><td class="n">${atText(at)}</td><td class="n">${msText(after)}</td></tr>`
}

const idList = (title: Phrase, ids: readonly string[]): Html =>
  ids.length === 0
    ? html``
    : html`<h3>${title}: ${ids.length}</h3>
<div class="ids id">${ids.slice(0, idsShown).join(' ')}${ids.length > idsShown && ` … +${ids.length - idsShown}`}</div>`

/** The grade is that of its worst axis. */
function grading({ axes, grade }: Report): Html {
  if (axes.length === 0) return html``
  const value = (name: string, figure: number | null) =>
    figure === null ? '–' : name === 'core-flow-down' ? msText(figure) : percentText(figure)
  return html`<h3>${phrase('Grade', '等级')}: ${grade ?? '–'}</h3>
<p class="how">${phrase('From P5, nobody noticed, to P0, a disaster. The worst line counts.', 'P5 为无人察觉，P0 为灾难。以最差一项为准。')}</p>
<div class="wide"><table><tbody>${axes.map((axis) => html`<tr><td>${axis.grade}</td><td>${axisWords(axis.name)}</td><td class="n">${value(axis.name, axis.value)}</td></tr>`)}</tbody></table></div>`
}
