import { posix } from 'node:path'
import { type Check, type Finding, isMarkdown } from './tree.ts'

const folder = 'docs/adr'
const overview = 'ARCHITECTURE.md'

/** Decisions are numbered once, called by their number, and found from the overview. */
export const decisionsAreFound: Check = (tree) => {
  const decisions = tree.filter((file) => isMarkdown(file) && posix.dirname(file.path) === folder)
  const text = tree.find((file) => file.path === overview)?.text ?? ''
  const numbers = decisions.map(({ path }) => posix.basename(path).slice(0, 4))
  return decisions.flatMap(({ path, text: own }, index): readonly Finding[] => {
    const number = numbers[index] ?? ''
    return [
      ...(numbers.indexOf(number) === index ? [] : [`there is a ${number} already: take the next free number`]),
      ...(own.startsWith(`# ${number} `)
        ? []
        : [`must begin with \`# ${number} …\`: a decision is called by its number`]),
      ...(text.includes(`(${path})`) ? [] : [`is not found from ${overview}: link it under Decisions`]),
    ].map((says) => ({ path, line: 1, says }))
  })
}
