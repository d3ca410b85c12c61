import { type Html, html } from '../html.ts'
import { atText, msText, type Phrase, phrase } from '../phrase.ts'
import type { Report, Times } from '../schema.ts'
import { timeWords } from '../words.ts'

const idsShown = 200

/** How long it took, step by step, and what is gone, by name. */
export function switchTimes(report: Report): Html {
  const { times, rtoMs, writeGapMs, rpoOrders } = report
  const known = (Object.keys(timeWords) as (keyof Times)[]).filter((name) => times[name] !== null)
  if (known.length === 0 && rpoOrders.length === 0) return html``
  return html`
<h2>${phrase('Time and loss', '时间与损失')}</h2>
<dl>
<dt>RTO</dt><dd>${msText(rtoMs)} – ${phrase('from T0 until clients are served as before, T8', '从 T0 到客户端恢复如前（T8）')}</dd>
<dt>${phrase('longest write gap', '最长写入中断')}</dt><dd>${msText(writeGapMs)}</dd>
<dt>RPO</dt><dd>${lossOf(rpoOrders.length)}</dd>
</dl>
${
  known.length > 0 &&
  html`<div class="wide"><table><thead><tr><th></th><th>${phrase('what', '事件')}</th><th class="n">${phrase('at', '时刻')}</th><th class="n">${phrase('after T0', 'T0 之后')}</th></tr></thead>
<tbody>${known.map((name) => timeRow(name, times))}</tbody></table></div>`
}
${
  rpoOrders.length > 0 &&
  html`<h3>${phrase('Orders that were acknowledged and are not there', '已确认却不存在的订单')}</h3>
<div class="ids id">${rpoOrders.slice(0, idsShown).join(' ')}${rpoOrders.length > idsShown && ` … +${rpoOrders.length - idsShown}`}</div>`
}`
}

const lossOf = (count: number): Phrase =>
  count === 0
    ? phrase('0 – no acknowledged order is missing', '0 – 没有已确认的订单缺失')
    : phrase(`${count} acknowledged ${count === 1 ? 'order is' : 'orders are'} missing`, `${count} 笔已确认订单缺失`)

function timeRow(name: keyof Times, times: Times): Html {
  const at = times[name]
  const after = at === null || times.t0 === null ? null : at - times.t0
  return html`<tr><td>${name.toUpperCase()}</td><td>${timeWords[name]}</td><td class="n">${atText(at)}</td><td class="n">${msText(after)}</td></tr>`
}
