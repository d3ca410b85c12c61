import ts from 'typescript'
import { lineOf, parsed, walk } from './syntax.ts'
import { type Check, type File, type Finding, isMarkdown, isTest, isTypeScript, type Tree } from './tree.ts'

/** Messages and pages tell people what to type and what to read: all of that must be there. */
export const mentionsExist: Check = (tree) => {
  const pages = tree.filter((file) => isMarkdown(file) && !file.path.startsWith('docs/proof/'))
  const code = tree.filter((file) => isTypeScript(file) && !isTest(file) && /^(commands|src|testbed)\//.test(file.path))
  return [...pages, ...code].flatMap((file) => [
    ...mentions(file, /(?:`(?:\.\/)?|^\.\/)ezone ([^`#\n]+?)(?:`|\s*#|\s*$)/g).flatMap((found) =>
      commandProblem(tree, found),
    ),
    ...mentions(file, /\b(docs\/[\w/.-]+\.(?:md|json))/g).flatMap((found) => pageProblem(tree, found)),
  ])
}

interface Mention {
  readonly path: string
  readonly line: number
  readonly what: string
}

/** Where a pattern stands in a page, or in the texts of a program: not in its comments, nor across its quotes. */
function mentions(file: File, pattern: RegExp): readonly Mention[] {
  const texts = isMarkdown(file)
    ? file.text.split('\n').map((text, index) => ({ text, line: index + 1 }))
    : textsOf(file)
  return texts.flatMap(({ text, line }) =>
    [...text.matchAll(pattern)].map(([, what = '']) => ({ path: file.path, line, what })),
  )
}

function textsOf(file: File): readonly { readonly text: string; readonly line: number }[] {
  const source = parsed(file)
  return walk(source).flatMap((node) => {
    if (ts.isStringLiteralLike(node)) return [{ text: node.text, line: lineOf(source, node) }]
    if (!ts.isTemplateExpression(node)) return []
    const text = [node.head.text, ...node.templateSpans.map((span) => span.literal.text)].join('ANY')
    return [{ text, line: lineOf(source, node) }]
  })
}

function pageProblem(tree: Tree, { path, line, what }: Mention): readonly Finding[] {
  // An ADR's number stands for its file: `docs/adr/NNNN-title.md` is a form, not a page.
  if (/NNNN|ANY/.test(what) || tree.some((file) => file.path === what)) return []
  return [{ path, line, says: `there is no ${what}: write it, or point elsewhere` }]
}

/** Flags of every command, by oclif or the base class. */
const everywhere: ReadonlySet<string> = new Set(['json', 'help', 'version', 'name', 'events'])

function commandProblem(tree: Tree, { path, line, what }: Mention): readonly Finding[] {
  const words = what.split(/\s+/)
  const [verb = '', sub = ''] = words.filter((word) => !word.startsWith('-'))
  // COMMAND, VERB and the like stand for any.
  if (!/^[a-z][a-z-]*$/.test(verb)) return []
  const one = [`commands/${verb}/${sub}.ts`, `commands/${verb}.ts`, `commands/${verb}/index.ts`]
    .map((name) => tree.find((file) => file.path === name))
    .find((file) => file !== undefined)
  if (one === undefined) return [{ path, line, says: `there is no command \`ezone ${what}\`: name one there is` }]
  return words
    .flatMap((word) => /^--([a-z][a-z0-9-]*)/.exec(word)?.[1] ?? [])
    .filter((flag) => !everywhere.has(flag) && !new RegExp(`['"]?\\b${flag}['"]?:`).test(one.text))
    .map((flag) => ({ path, line, says: `\`ezone ${verb}\` has no --${flag}: name a flag it has (${one.path})` }))
}
