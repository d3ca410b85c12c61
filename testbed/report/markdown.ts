import { claimWords } from './claim-words.ts'
import { gathered } from './gathered.ts'
import { type Language, msText, type Phrase, phrase } from './phrase.ts'
import type { Report } from './schema.ts'
import { worstOf } from './sections/evidence.ts'
import { verdictSentence, verdictWord, whatBroke, whatItCost, whatWasDone } from './story.ts'
import { escapeMarkdown, shortened, visible } from './text.ts'
import { alertWords } from './words.ts'

const idsShown = 20
const storyMax = 1_500
const signs = { valid: '✅', invalid: '❌', unknown: '❔' } as const

/** For a pull request: the verdict and its evidence, without the charts. */
export function markdownOf(report: Report, language: Language = 'en'): string {
  const say = (words: Phrase) => escapeMarkdown(words[language])
  const list = (sentences: readonly Phrase[]) => sentences.map((sentence) => `- ${say(sentence)}`)
  const head = (en: string, zh: string) => `### ${phrase(en, zh)[language]}`
  const grade = report.grade === null ? '' : ` · ${escapeMarkdown(report.grade)}`
  const lines = [
    `## ${signs[report.verdict]} ${say(verdictWord[report.verdict])}${grade} · ${escapeMarkdown(report.title)}`,
    '',
    say(verdictSentence(report)),
    '',
    head('What was done', '做了什么'),
    '',
    ...list(whatWasDone(report)),
    '',
    head('What clients noticed', '客户端感受到什么'),
    '',
    ...list(whatBroke(report)),
    '',
    head('What it cost', '代价是什么'),
    '',
    ...list(whatItCost(report)),
    '',
    head('Claims', '断言'),
    '',
    ...claimLines(report, language),
    '',
    ...alertLines(report, language),
    ...lostLines(report, language),
    `\`${visible(report.rerun).replaceAll(/[`\s]+/g, ' ')}\``,
    '',
    `${escapeMarkdown(report.run)} · ${escapeMarkdown(report.startedAt)} · seed ${report.seed} · ezone ${escapeMarkdown(report.version)}`,
  ]
  return `${lines.join('\n')}\n`
}

function claimLines({ claims }: Report, language: Language): readonly string[] {
  const rows = claims.map(({ name, verdict, statement, checked, counterexample, why }) => {
    const found = counterexample ?? why
    const words = escapeMarkdown(claimWords(name, statement)[language])
    const story = found === null ? '' : escapeMarkdown(shortened(found, storyMax))
    return `| ${signs[verdict]} | ${words} | ${checked} | ${story} |`
  })
  const titles = phrase('| | claim | looked at | found |', '| | 断言 | 检查数量 | 发现 |')
  return [titles[language], '|---|---|---:|---|', ...rows]
}

function alertLines({ alerts }: Report, language: Language): readonly string[] {
  if (alerts.length === 0) return []
  const titles = phrase('| alert | after the fault | worst |', '| 告警 | 距故障 | 最差 |')
  const rows = gathered(alerts).map((alert) => {
    const name = `${alert.who[language]}: ${alertWords[alert.rule][language]}`
    return `| ${escapeMarkdown(name)} | ${msText(alert.afterFaultMs)} | ${escapeMarkdown(worstOf(alert))} |`
  })
  return [titles[language], '|---|---:|---:|', ...rows, '']
}

function lostLines({ rpoOrders }: Report, language: Language): readonly string[] {
  if (rpoOrders.length === 0) return []
  const title = phrase('Orders lost', '丢失的订单')[language]
  const more = rpoOrders.length > idsShown ? ` … +${rpoOrders.length - idsShown}` : ''
  return [`${title}: ${rpoOrders.slice(0, idsShown).map(escapeMarkdown).join(' ')}${more}`, '']
}
