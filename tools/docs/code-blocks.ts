/** A fenced block of a page. */
export interface CodeBlock {
  readonly language: string
  /** Of its first line of text, from 1. */
  readonly line: number
  readonly text: string
}

export function codeBlocks(page: string): readonly CodeBlock[] {
  const blocks: CodeBlock[] = []
  let open: {
    readonly fence: string
    readonly language: string
    readonly line: number
    readonly text: string[]
  } | null = null
  for (const [index, text] of page.split('\n').entries()) {
    const [, fence = '', language = ''] = /^\s*(```+|~~~+)\s*([\w-]*)/.exec(text) ?? []
    if (open === null && fence !== '') open = { fence, language, line: index + 2, text: [] }
    else if (open !== null && fence.startsWith(open.fence) && language === '') {
      blocks.push({ language: open.language, line: open.line, text: open.text.join('\n') })
      open = null
    } else open?.text.push(text)
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
