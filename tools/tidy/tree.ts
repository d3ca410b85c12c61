import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** One file of the repository, as git knows it. */
export interface File {
  /** Relative to the root, with `/`. */
  readonly path: string
  /** Empty where it is no text, such as a picture. */
  readonly text: string
}

export type Tree = readonly File[]

/** Something that is not as the house wants it, and what to do instead. */
export interface Finding {
  readonly path: string
  /** From 1. */
  readonly line: number
  readonly says: string
}

/** A check looks at the whole tree and names what it finds. */
export type Check = (tree: Tree) => readonly Finding[]

const binary = /[.](png|jpg|ico|gz|tgz|jar|zst)$/

/** Everything git tracks or would add: what is ignored is none of our business. */
export async function readTree(root: string): Promise<Tree> {
  const listed = await promisify(execFile)('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    maxBuffer: 64 * 1024 * 1024,
  })
  const paths = [...new Set(listed.stdout.split('\0'))].filter((path) => path !== '').sort()
  const files = await Promise.all(
    paths.map(async (path) => {
      const bytes = await readFile(join(root, path)).catch(() => null)
      const text = bytes === null || binary.test(path) ? bytes && '' : bytes.toString('utf8')
      return text === null ? [] : [{ path, text }]
    }),
  )
  return files.flat()
}

/** A tree from a few lines: what the tests of the checks plant their violations in. */
export function treeOf(files: Readonly<Record<string, string>>): Tree {
  return Object.entries(files).map(([path, text]) => ({ path, text }))
}

export const isCode = ({ path }: File): boolean => /[.](ts|mjs|js)$/.test(path) && !path.startsWith('data/')
export const isTypeScript = ({ path }: File): boolean => path.endsWith('.ts')
export const isTest = ({ path }: File): boolean => /[.]test[.]ts$/.test(path)
export const isMarkdown = ({ path }: File): boolean => path.endsWith('.md')

/** The lines a pattern is found in. The pattern needs no `g`. */
export function linesWith(file: File, pattern: RegExp, says: (found: string) => string): readonly Finding[] {
  return file.text.split('\n').flatMap((text, index) => {
    const found = pattern.exec(text)
    return found ? [{ path: file.path, line: index + 1, says: says(found[1] ?? found[0]) }] : []
  })
}

export const show = ({ path, line, says }: Finding): string => `${path}:${line} ${says}`
