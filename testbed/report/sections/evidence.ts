import { alertRuleUnits } from '../alerts.ts'
import { gathered } from '../gathered.ts'
import { type Html, html, type Part } from '../html.ts'
import { atText, countText, msText, type Phrase, percentText, phrase } from '../phrase.ts'
import type { Alert, Report } from '../schema.ts'
import { alertWords } from '../words.ts'

interface Column {
  readonly title: Phrase
  readonly number?: true
}

const column = (en: string, zh: string): Column => ({ title: phrase(en, zh) })
const figure = (en: string, zh: string): Column => ({ title: phrase(en, zh), number: true })

const rowsMax = 200

function table(columns: readonly Column[], rows: readonly (readonly Part[])[]): Html {
  const kind = (index: number) => (columns[index]?.number ? 'n' : '')
  const more = rows.length - rowsMax
  return html`<div class="wide"><table><thead><tr>${columns.map(({ title }, index) => html`<th class="${kind(index)}">${title}</th>`)}</tr></thead>
<tbody>${rows.slice(0, rowsMax).map((row) => html`<tr>${row.map((cell, index) => html`<td class="${kind(index)}">${cell}</td>`)}</tr>`)}</tbody></table></div>
${more > 0 && html`<p class="faint">+ ${more} (report.json)</p>`}`
}

export function alertsTable({ alerts }: Report): Html {
  return html`
<h2>${phrase('Alerts', '告警')}</h2>
<p class="how">${phrase(
    'What somebody on call would have been told, and how long after the fault. What stood already was not told again.',
    '值班人员会收到的告警，以及距故障的时间。持续中的告警不重复发送。',
  )}</p>
${
  alerts.length === 0
    ? html`<p>${phrase('None.', '无。')}</p>`
    : table(
        [
          column('who', '对象'),
          column('what', '内容'),
          figure('fired', '触发'),
          figure('over', '解除'),
          figure('after the fault', '距故障'),
          figure('times', '次数'),
          figure('worst', '最差'),
        ],
        gathered(alerts).map((alert) => [
          alert.who,
          alertWords[alert.rule],
          atText(alert.firedMs),
          alert.resolvedMs === null ? phrase('stands', '未解除') : atText(alert.resolvedMs),
          msText(alert.afterFaultMs),
          alert.fired,
          worstOf(alert),
        ]),
      )
}`
}

export function worstOf({ rule, worst }: Alert): string {
  if (worst === null) return '–'
  const unit = alertRuleUnits[rule]
  return unit === 'share' ? percentText(worst) : unit === 'ms' ? msText(worst) : countText(worst)
}

export function stores({ compared, replicated, conflicts, lockedOrders }: Report): Html {
  return html`
<h2>${phrase('What the zones hold afterwards', '事后各机房的数据')}</h2>
${compared.length === 0 && html`<p>${phrase('The stores were not compared.', '未作比对。')}</p>`}
${
  compared.length > 0 &&
  table(
    [column('table', '表'), column('equal', '一致'), figure('differing rows', '不一致行数'), column('rows', '行数')],
    compared.map((one) => [
      one.table,
      html`<span class="pill ${one.equal ? 'valid' : 'invalid'}">${one.equal ? phrase('equal', '一致') : phrase('differs', '不一致')}</span>`,
      one.differing,
      Object.entries(one.rows)
        .map(([zone, rows]) => `${zone} ${countText(rows)}`)
        .join(', '),
    ]),
  )
}
${
  replicated.length > 0 &&
  table(
    [
      column('direction', '方向'),
      figure('committed', '提交'),
      figure('logged', '入日志'),
      figure('applied', '应用'),
      figure('logged twice', '重复入日志'),
      figure('applied twice', '重复应用'),
    ],
    replicated.map((one) => [
      `${one.source} → ${one.target}`,
      one.committed,
      one.logged,
      one.applied,
      one.repeatedInLog,
      one.appliedTwice,
    ]),
  )
}
${conflictList(conflicts, lockedOrders)}`
}

function conflictList(conflicts: Report['conflicts'], lockedOrders: Report['lockedOrders']): Html {
  return html`
<h3>${phrase(`Conflicts: ${conflicts.count}; locked orders: ${lockedOrders.count}`, `冲突：${conflicts.count}；锁定订单：${lockedOrders.count}`)}</h3>
<p class="how">${phrase(
    'Both zones changed the same row; the later change stands, the other is kept. A locked order waits for a person.',
    '两地修改了同一行：以较晚者为准，另一份保留备查。锁定的订单等待人工处理。',
  )}</p>
${
  conflicts.count > 0 &&
  table(
    [
      column('zone', '机房'),
      column('table', '表'),
      column('key', '主键'),
      column('winner', '胜出版本'),
      column('loser', '落败版本'),
      column('locked', '锁定'),
    ],
    conflicts.first
      .slice(0, 50)
      .map((one) => [
        one.zone,
        one.table,
        one.key,
        one.winner,
        one.loser,
        one.locked ? phrase('yes', '是') : phrase('no', '否'),
      ]),
  )
}
${lockedOrders.count > 0 && html`<div class="ids id">${lockedOrders.first.join(' ')}</div>`}`
}

function stressHonesty({ stress }: Report): Html {
  const figures = stress?.figures ?? null
  if (figures === null) return html``
  const { engine, profile, askedQps, verdict, requests, ok, failed, unknown, dropped, late } = figures
  return html`
<h3>${phrase('The stress beside it', '并行压测')}</h3>
<p class="how">${phrase(
    'It makes the drill harder and is not judged: the verdict rests on what the clients of the drill saw.',
    '它加大演练难度，但不参与判定：结论只依据演练客户端所见。',
  )}</p>
${table(
  [
    column('sent by', '引擎'),
    column('profile', '模式'),
    figure('asked', '目标'),
    figure('sent', '发出'),
    figure('ok', '成功'),
    figure('failed', '失败'),
    figure('unknown', '未知'),
    figure('dropped', '丢弃'),
    figure('late', '迟发'),
    column('figures are', '数据'),
  ],
  [[engine, profile, `${askedQps}/s`, ...[requests, ok, failed, unknown, dropped, late].map(countText), verdict]],
)}`
}

export function honesty(report: Report): Html {
  return html`${ownHonesty(report)}${stressHonesty(report)}`
}

function ownHonesty({ generator }: Report): Html {
  if (generator === null)
    return html`<h2>${phrase('Honesty of the load', '负载是否可信')}</h2><p>${phrase('The generator said nothing of itself; nothing can be concluded.', '负载发生器没有自述，无法下结论。')}</p>`
  const { intended, sent, inTime, dropped, ranMs } = generator
  const share = (part: number) => (intended === 0 ? '–' : percentText(part / intended))
  return html`
<h2>${phrase('Honesty of the load', '负载是否可信')}</h2>
<p class="how">${phrase(
    'Requests are sent when they are due, whether earlier ones were answered or not. A generator that cannot keep up makes its run void.',
    '请求到点即发，不等前一个应答。发生器若跟不上，整次运行作废。',
  )}</p>
${table(
  [
    figure('meant to send', '计划'),
    figure('sent', '发出'),
    figure('in time', '准时'),
    figure('dropped', '丢弃'),
    figure('ran for', '时长'),
  ],
  [
    [
      countText(intended),
      `${countText(sent)} (${share(sent)})`,
      `${countText(inTime)} (${share(inTime)})`,
      countText(dropped),
      atText(ranMs),
    ],
  ],
)}`
}

export function linkProof({ links }: Report): Html {
  if (links.length === 0) return html``
  return html`
<h2>${phrase('The wires, asked and got', '链路：设定与实测')}</h2>
<p class="how">${phrase('Measured before the load began: the distance between the zones is real.', '负载开始前实测：机房间的距离是真实的。')}</p>
${table(
  [
    column('path', '路径'),
    column('link', '链路'),
    column('protocol', '协议'),
    figure('asked RTT', '设定 RTT'),
    figure('measured p50', '实测 p50'),
    figure('samples', '样本'),
  ],
  links
    .slice(0, 100)
    .map((path) => [
      `${path.from} → ${path.to}`,
      path.link,
      path.protocol,
      msText(path.askedRttMs),
      msText(path.p50Ms),
      path.samples,
    ]),
)}`
}
