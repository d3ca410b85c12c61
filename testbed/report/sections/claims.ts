import { claimWords } from '../claim-words.ts'
import { type Html, html } from '../html.ts'
import { countText, phrase } from '../phrase.ts'
import type { Report } from '../schema.ts'
import { shortened } from '../text.ts'

const storyMax = 4_000
const order = { invalid: 0, unknown: 1, valid: 2 } as const

const verdictPill = {
  valid: phrase('holds', '成立'),
  invalid: phrase('broken', '不成立'),
  unknown: phrase('unknown', '无法判定'),
} as const

/** What was claimed, what was found; the broken ones first, each with its story. */
export function claimsTable({ claims }: Report): Html {
  const sorted = claims.toSorted((a, b) => order[a.verdict] - order[b.verdict])
  return html`
<h2>${phrase('Claims', '断言')}</h2>
<p class="how">${phrase(
    'Each is checked over the whole record of the clients, by code that shares nothing with the platform.',
    '每一项都依据客户端的全部记录检查，检查代码与平台毫无共享。',
  )}</p>
<div class="wide"><table>
<thead><tr><th>${phrase('verdict', '结论')}</th><th>${phrase('what is claimed', '断言内容')}</th><th class="n">${phrase('looked at', '检查数量')}</th></tr></thead>
<tbody>${sorted.map(claimRow)}</tbody></table></div>`
}

function claimRow({ name, verdict, statement, checked, counterexample, why }: Report['claims'][number]): Html {
  return html`<tr><td><span class="pill ${verdict}">${verdictPill[verdict]}</span></td>
<td>${claimWords(name, statement)}<br><span class="faint id">${name}</span>
${counterexample !== null && html`<div class="counter">${shortened(counterexample, storyMax)}</div>`}
${why !== null && html`<p class="faint">${phrase('No verdict', '无法判定')}: ${shortened(why, storyMax)}</p>`}</td>
<td class="n">${countText(checked)}</td></tr>`
}
