import type { Finding } from './judge.ts'
import type { Played } from './play.ts'
import { namesOf, type Script } from './script.ts'

const linesMax = 60

/** What happened in a world, for people: who stood where, what followed what, which law broke. */
export function tell(script: Script, played: Played, findings: readonly Finding[]): string {
  const names = namesOf(script)
  const about = new Set(findings.flatMap(({ key }) => key ?? []))
  const told = played.lines.filter(({ text }) => !/\bk\d/.test(text) || about.size === 0 || mentions(text, about))
  return [
    `Seed ${script.seed}, the zones ${names.map((name, i) => `${name}${clock(script.skewsMs[i] ?? 0)}`).join(', ')}.`,
    `Left of the script: ${script.writes.length} transactions, ${script.troubles.length} things that go wrong.`,
    '',
    ...told.slice(0, linesMax).map(({ atMs, text }) => `${atMs.toFixed(1).padStart(8)} ms  ${text}`),
    ...(told.length > linesMax ? [`             … and ${told.length - linesMax} lines more`] : []),
    '',
    ...findings.slice(0, 10).map(({ law, text }) => `${law}: ${text}`),
  ].join('\n')
}

const mentions = (text: string, keys: ReadonlySet<string>) => [...keys].some((key) => text.includes(key))
const clock = (ms: number) => (ms === 0 ? '' : ` (clock ${ms > 0 ? '+' : ''}${ms} ms)`)
