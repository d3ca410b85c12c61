import { createHash } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { ProofContext } from '../proof.ts'

const code = ['--', '.', ':!docs', ':!*.md']

/**
 * Parts of a long proof that were shown of this very code: one that was broken off goes on behind them. Kept beside what
 * npm installed, so a clean clone shows all of it.
 */
export async function partsOf(context: ProofContext, topic: string, again: boolean): Promise<ProofContext['part']> {
  const file = join(context.root, 'node_modules', '.cache', 'prove', `${topic}-${await codeOf(context)}.json`)
  const known = again ? {} : await readFile(file, 'utf8').then(JSON.parse, () => ({}))
  return async (name, work) => {
    if (name in known) return known[name]
    const seen = await work()
    known[name] = seen
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, JSON.stringify(known))
    return seen
  }
}

async function codeOf({ run }: ProofContext): Promise<string> {
  const lists = [
    await run('git', 'ls-files', '--stage', ...code),
    await run('git', 'diff', ...code),
    await run('git', 'ls-files', '--others', '--exclude-standard', ...code),
  ]
  return createHash('sha256').update(lists.join('\n')).digest('hex').slice(0, 16)
}
