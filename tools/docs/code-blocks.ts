/** A fenced block of a page. */
export interface CodeBlock {
  readonly language: string
  /** The word after the language: the file that the block is, or a part of. */
  readonly file: string | null
  /** Of its first line of text, from 1. */
  readonly line: number
  readonly text: string
}

interface Open extends Omit<CodeBlock, 'text'> {
  readonly fence: string
  readonly lines: string[]
}

export function codeBlocks(page: string): readonly CodeBlock[] {
  const blocks: CodeBlock[] = []
  let open: Open | null = null
  for (const [index, text] of page.split('\n').entries()) {
    const [, fence = '', language = '', file = ''] = /^\s*(```+|~~~+)\s*([\w-]*)\s*(\S*)/.exec(text) ?? []
    if (open === null && fence !== '') open = { fence, language, file: file || null, line: index + 2, lines: [] }
    else if (open !== null && fence.startsWith(open.fence) && language === '') {
      const { language, file, line, lines } = open
      blocks.push({ language, file, line, text: lines.join('\n') })
      open = null
    } else open?.lines.push(text)
  }
  return blocks
}

/**
 * What a reader is told to type. ```sh is typed as a whole, of ```console what stands behind `$ `: the rest is what came
 * of it. Other lines are left empty, so that line numbers stay true.
 */
export function typed({ language, text }: CodeBlock): string | null {
  if (language === 'sh') return text
  if (language !== 'console') return null
  return text
    .split('\n')
    .map((line) => (line.startsWith('$ ') ? line.slice(2) : ''))
    .join('\n')
}
