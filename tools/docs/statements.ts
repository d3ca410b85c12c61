import type { File } from '../tidy/tree.ts'
import { codeBlocks, typed } from './code-blocks.ts'
import { isEzone } from './commands.ts'
import { shellCommands } from './shell-commands.ts'

/** What a reader types before pressing return. */
export interface Statement {
  readonly line: number
  readonly text: string
  /** The commands of ours in it, as they are called in the plan: `order place --city Shanghai`. */
  readonly ours: readonly string[]
}

/** All that a page tells its reader to type, from top to bottom. */
export function statementsOf({ text }: File): readonly Statement[] {
  return codeBlocks(text).flatMap((block) => statements(typed(block) ?? '', block.line))
}

function statements(text: string, firstLine: number): readonly Statement[] {
  const found: Statement[] = []
  let begun: string[] = []
  for (const [index, line] of text.split('\n').entries()) {
    if (begun.length === 0 && /^\s*(#.*)?$/.test(line)) continue
    begun.push(line)
    if (line.endsWith('\\')) continue
    const whole = begun.join('\n')
    const ours = shellCommands(whole).filter(({ words }) => isEzone(words[0]))
    found.push({
      line: firstLine + index - begun.length + 1,
      text: whole,
      ours: ours.map(({ words: [, ...argv] }) => argv.join(' ')),
    })
    begun = []
  }
  return found
}

/** Files that a page has its reader write: ```yaml NAME. */
export const filesOf = ({ text }: File): readonly { readonly name: string; readonly text: string }[] =>
  codeBlocks(text).flatMap((block) =>
    block.language === 'yaml' && block.file !== null ? [{ name: block.file, text: `${block.text}\n` }] : [],
  )
