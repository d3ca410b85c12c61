import { createHash } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import type { ProofContext } from '../proof.ts'

/** What stands in docs/proof/<topic>.json. */
export interface Shown {
  readonly topic: string
  readonly statement: string
  readonly holds: boolean
  /** What was seen; empty where it failed. */
  readonly seen: Readonly<Record<string, unknown>>
  readonly error: string | null
  readonly at: string
  readonly tookMs: number
  /** Commit it was shown at, and a digest of the sources without docs/proof: the same digest needs no second showing. */
  readonly commit: string
  readonly sources: string
  readonly machine: { readonly cpus: number; readonly memoryGiB: number; readonly node: string }
}

const everythingElse = ['--', '.', ':!docs/proof']

/** The state of the sources: commit, and a digest that also changes with what is not committed yet. */
export async function sourcesOf({ run }: ProofContext): Promise<{ readonly commit: string; readonly sources: string }> {
  const commit = (await run('git', 'rev-parse', '--short=12', 'HEAD')).trim()
  const tracked = await run('git', 'ls-files', '--stage', ...everythingElse)
  const changed = await run('git', 'diff', ...everythingElse)
  const untracked = await run('git', 'ls-files', '--others', '--exclude-standard', ...everythingElse)
  const digest = createHash('sha256').update(tracked).update(changed).update(untracked).digest('hex')
  return { commit, sources: digest.slice(0, 16) }
}

export const machine = (): Shown['machine'] => ({
  cpus: cpus().length,
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  node: process.versions.node,
})

const folder = (root: string) => join(root, 'docs', 'proof')

export async function readShown(root: string, topic: string): Promise<Shown | null> {
  const text = await readFile(join(folder(root), `${topic}.json`), 'utf8').catch(() => null)
  return text === null ? null : JSON.parse(text)
}

export async function keepShown(root: string, shown: Shown): Promise<void> {
  await mkdir(folder(root), { recursive: true })
  await writeFile(join(folder(root), `${shown.topic}.json`), `${JSON.stringify(shown, null, 2)}\n`)
}

/** docs/proof/README.md: every statement with what was last seen of it. */
export async function writeOverview(root: string, shown: readonly Shown[]): Promise<void> {
  const rows = shown
    .toSorted((a, b) => a.topic.localeCompare(b.topic))
    .map(({ topic, statement, holds, commit, tookMs }) => {
      const state = holds ? 'holds' : 'FAILS'
      return `| [${topic}](${topic}.json) | ${statement.replaceAll('|', '\\|')} | ${state} | ${(tookMs / 1000).toFixed(1)} s | ${commit} |`
    })
  const head = ['| topic | statement | | took | commit |', '|---|---|---|---|---|']
  const text = [
    '# Proofs',
    '',
    'What was promised, and what `npm run prove` saw of it.',
    '',
    ...head,
    ...rows,
    '',
  ].join('\n')
  await writeFile(join(folder(root), 'README.md'), text)
}
