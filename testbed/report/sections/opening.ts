import { type Html, html } from '../html.ts'
import { countText, type Phrase, percentText, phrase } from '../phrase.ts'
import type { Report } from '../schema.ts'
import { verdictSentence, verdictWord, whatBroke, whatItCost, whatWasDone } from '../story.ts'
import { shortened } from '../text.ts'
import { rpoFigure, rtoFigure } from './figures.ts'

/** The first screen: verdict, then what was done, what broke and what it cost, in words a stranger understands. */
export function opening(report: Report): Html {
  const paragraphs = (sentences: readonly Phrase[]) => sentences.map((sentence) => html`<p>${sentence}</p>`)
  return html`
<h1>${report.title}</h1>
<p class="faint">${phrase('Hypothesis: ', '假设：')}${report.hypothesis}</p>
<section class="verdict ${report.verdict}" id="verdict">
<div class="word">${verdictWord[report.verdict]}</div>
<p class="why">${verdictSentence(report)}</p>
${firstStory(report)}${obstacles(report)}
</section>
<section class="story">
<div><h3>${phrase('What was done', '做了什么')}</h3>${paragraphs(whatWasDone(report))}</div>
<div><h3>${phrase('What clients noticed', '客户端感受到什么')}</h3>${paragraphs(whatBroke(report))}</div>
<div><h3>${phrase('What it cost', '代价是什么')}</h3>${paragraphs(whatItCost(report))}</div>
</section>
<section class="figures">${figures(report)}</section>`
}

/** What happened, in the words of the check: whoever reads no further has read this. */
function firstStory({ claims }: Report): Html {
  const story = claims.find(({ verdict }) => verdict === 'invalid')?.counterexample ?? null
  return story === null ? html`` : html`<p class="counter">${shortened(story, 900)}</p>`
}

/** What no claim below says: what kept the drill from its end, a grade that is worse than allowed. */
function obstacles({ why, claims }: Report): readonly Html[] {
  const told = (line: string) => claims.some(({ name }) => line.startsWith(`${name}: `))
  return why.filter((line) => !told(line)).map((line) => html`<p>${shortened(line, 600)}</p>`)
}

function figures(report: Report): readonly Html[] {
  const { operations, claims, alerts, grade, allowed } = report
  const held = claims.filter(({ verdict }) => verdict === 'valid').length
  const first = alerts.map(({ afterFaultMs }) => afterFaultMs).find((after) => after !== null) ?? null
  const okShare = operations.sent === 0 ? null : operations.served / operations.sent
  const figure = (value: string, label: Phrase) => html`<div class="figure"><b>${value}</b><span>${label}</span></div>`
  return [
    figure(
      grade ?? '–',
      allowed.grade === null
        ? phrase('grade: P5 best, P0 worst', '等级：P5 最好，P0 最差')
        : phrase(`grade; ${allowed.grade} or better allowed`, `等级；要求不差于 ${allowed.grade}`),
    ),
    figure(...rtoFigure(report)),
    figure(...rpoFigure(report)),
    figure(`${held} / ${claims.length}`, phrase('claims held', '断言成立')),
    figure(okShare === null ? '–' : percentText(okShare), phrase('of operations went well', '操作成功')),
    figure(countText(operations.sent), phrase('operations recorded', '次操作被记录')),
    figure(
      String(alerts.length),
      first === null
        ? phrase('alerts', '条告警')
        : phrase(
            `alerts; the first ${(first / 1_000).toFixed(1)} s after a fault`,
            `条告警；首条在故障后 ${(first / 1_000).toFixed(1)} s`,
          ),
    ),
  ]
}
