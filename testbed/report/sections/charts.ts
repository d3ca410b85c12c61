import { type Html, html } from '../html.ts'
import { type Phrase, phrase } from '../phrase.ts'
import type { Report } from '../schema.ts'

interface Place {
  readonly id: string
  readonly title: Phrase
  readonly how: Phrase
}

const places: readonly Place[] = [
  {
    id: 'events',
    title: phrase('What happened', '发生了什么'),
    how: phrase(
      'Faults in red, from in force to removed; an outline where the effect was not proven. Numbered: steps of the switch, listed below. Yellow: alerts.',
      '红色为故障，从生效到解除；空心表示效果未经证实。数字为切换步骤，详见下表。黄色为告警。',
    ),
  },
  {
    id: 'load',
    title: phrase('Load: operations per second', '负载：每秒操作数'),
    how: phrase('By the zone that did them, or should have.', '按实际处理（或本应处理）的机房统计。'),
  },
  {
    id: 'success',
    title: phrase('Answered well: share of operations', '成功率'),
    how: phrase('100 % is a client that notices nothing.', '100% 表示客户端毫无察觉。'),
  },
  {
    id: 'latency',
    title: phrase('Time to answer', '应答时间'),
    how: phrase(
      'Each line of the scale is ten times the one below. Solid: 99 of 100 answers came within this; dashed: half of them.',
      '刻度每格相差十倍。实线：99% 的应答不超过此值；虚线：一半的应答不超过此值。',
    ),
  },
  {
    id: 'stress',
    title: phrase('Stress beside it: answered well per second', '压测：每秒成功数'),
    how: phrase(
      'A load that was sent beside the clients of the drill, by the zone that answered; dotted in red what failed or stayed unknown.',
      '与演练客户端并行的压测流量，按应答机房统计；红色虚线为失败或未知。',
    ),
  },
  {
    id: 'stress-latency',
    title: phrase('Stress beside it: time to answer', '压测：应答时间'),
    how: phrase(
      '99 of 100 answers came within this, from the intended time.',
      '99% 的应答不超过此值，自计划时刻起算。',
    ),
  },
  {
    id: 'lag',
    title: phrase('Replication lag', '复制延迟'),
    how: phrase(
      'How late a change of one zone is in the other. Solid: measured with marker rows; dashed: what the platform says. Red at the top: nothing arrived.',
      '一地的修改多久后到达另一地。实线为标记行实测，虚线为平台自报。顶部红条：未到达。',
    ),
  },
  {
    id: 'owners',
    title: phrase('Who owns which shard', '分片归属'),
    how: phrase(
      'The colour is the zone, e12 the epoch. Grey: frozen or between two owners, writes wait. Two zones at once never happens in one row; where both took writes there is an alert.',
      '颜色表示机房，e12 为纪元。灰色：冻结或交接中，写入等待。若两地同时写入，会有告警。',
    ),
  },
]

/** One time axis for all: drag to zoom, double-click to see all again. The scripts of the page fill the places. */
export function charts(report: Report): Html {
  const missing = (id: string) =>
    (id === 'lag' && report.lag.length === 0) || (id.startsWith('stress') && report.stress === null)
  const shown = places.filter(({ id }) => !missing(id))
  return html`
<h2>${phrase('On one time axis', '同一时间轴')}</h2>
<p class="how">${phrase(
    'Shaded: while a fault was in force. Dashed upright lines: steps of the switch. Drag over a stretch to see it closer, double-click to see all.',
    '阴影为故障生效期间，竖虚线为切换步骤。拖选可放大，双击还原。',
  )}</p>
${shown.map(({ id, title, how }) => html`<section><h3>${title}</h3><p class="how">${how}</p><div class="chart" id="${id}"></div></section>`)}
<noscript><p>${phrase('The charts need the script of this page; all else is below.', '图表需要脚本；其余内容见下文。')}</p></noscript>`
}
