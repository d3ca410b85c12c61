import type { Report } from './schema.ts'
import { verdictSentence } from './story.ts'
import { escapeMarkup } from './text.ts'

/**
 * JUnit XML for the test tab of a CI: a test per claim, and one for the drill as a whole. Unknown is an error, never a
 * pass and never merely skipped: a red run that nobody can believe is better than a green one.
 */
export function junitOf(report: Report): string {
  const all = [...report.claims.map(claimCase), drillCase(report)]
  const of = (kind: Case['kind']) => all.filter((one) => one.kind === kind).length
  const suite = attributes({
    ...{ name: `ezone drill ${report.drill}`, tests: all.length, failures: of('failure'), errors: of('error') },
    ...{ skipped: 0, time: seconds(report.durationMs), timestamp: report.startedAt },
  })
  const properties = attributesOf({ seed: report.seed, run: report.run, rerun: report.rerun, version: report.version })
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
<testsuite ${suite}>
<properties>
${properties.map(([name, value]) => `<property ${attributes({ name, value })}/>`).join('\n')}
</properties>
${all.map((one) => caseText(report, one)).join('\n')}
</testsuite>
</testsuites>
`
}

interface Case {
  readonly name: string
  readonly kind: 'passed' | 'failure' | 'error'
  readonly message: string
}

const kinds = { valid: 'passed', invalid: 'failure', unknown: 'error' } as const

const claimCase = ({ name, verdict, statement, counterexample, why }: Report['claims'][number]): Case => ({
  ...{ name, kind: kinds[verdict], message: counterexample ?? why ?? statement },
})

const drillCase = (report: Report): Case => ({
  ...{ name: 'verdict', kind: kinds[report.verdict], message: verdictSentence(report).en },
})

function caseText({ drill, durationMs, verdict }: Report, { name, kind, message }: Case): string {
  const own = name === 'verdict' && kind === kinds[verdict]
  const head = attributes({ classname: `ezone.drill.${drill}`, name, time: own ? seconds(durationMs) : '0.000' })
  if (kind === 'passed') return `<testcase ${head}/>`
  const first = message.split('\n')[0] ?? ''
  return `<testcase ${head}>\n<${kind} ${attributes({ message: first })}>${escapeMarkup(message)}</${kind}>\n</testcase>`
}

const seconds = (ms: number) => (ms / 1_000).toFixed(3)

type Values = Readonly<Record<string, string | number>>

const attributesOf = (values: Values) => Object.entries(values).map(([name, value]) => [name, String(value)] as const)

const attributes = (values: Values): string =>
  attributesOf(values)
    .map(([name, value]) => `${name}="${escapeMarkup(value).replaceAll('\n', '&#10;')}"`)
    .join(' ')
