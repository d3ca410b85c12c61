import ts from 'typescript'
import { parsed, walk } from './syntax.ts'
import { type Check, type File, isCode, isTest, isTypeScript, type Tree } from './tree.ts'

export const fileLinesMax = 350
export const functionLinesMax = 60
/** Budgets for the whole house, in lines per file. */
export const medianMax = 90
export const p90Max = 200

/** Files that may be longer, and why. */
const longFiles: Readonly<Record<string, string>> = {}

const linesOf = ({ text }: File) => text.split('\n').length - (text.endsWith('\n') ? 1 : 0)

export const fileLength: Check = (tree) =>
  tree
    .filter((file) => isCode(file) && longFiles[file.path] === undefined && linesOf(file) > fileLinesMax)
    .map((file) => ({
      path: file.path,
      line: fileLinesMax + 1,
      says: `has ${linesOf(file)} lines, at most ${fileLinesMax}: take one thing out of it into a file of its own`,
    }))

export const functionLength: Check = (tree) =>
  tree.filter(isTypeScript).flatMap((file) => {
    const source = parsed(file)
    return walk(source).flatMap((node) => {
      if (!ts.isFunctionLike(node) || isGroupOfTests(node)) return []
      const first = source.getLineAndCharacterOfPosition(node.getStart(source)).line
      const lines = source.getLineAndCharacterOfPosition(node.getEnd()).line - first + 1
      if (lines <= functionLinesMax) return []
      const says = `this function has ${lines} lines, at most ${functionLinesMax}: name its parts and call them`
      return [{ path: file.path, line: first + 1, says }]
    })
  })

/** What groups specifications, by `describe` around it or in it, is a list; its length says nothing. */
function isGroupOfTests(node: ts.SignatureDeclaration): boolean {
  const call = node.parent
  if (ts.isCallExpression(call) && /^describe\b/.test(call.expression.getText())) return true
  const body = 'body' in node ? node.body : undefined
  if (body === undefined || !ts.isBlock(body)) return false
  return body.statements.some((statement) => /^describe\b/.test(statement.getText()))
}

/** Lines per file over all code that is not a test, for the budget and for who wants to know. */
export function budget(tree: Tree): { readonly files: number; readonly median: number; readonly p90: number } {
  const lines = tree
    .filter((file) => isTypeScript(file) && !isTest(file))
    .map(linesOf)
    .toSorted((a, b) => a - b)
  const at = (share: number) => lines[Math.min(lines.length - 1, Math.floor(lines.length * share))] ?? 0
  return { files: lines.length, median: at(0.5), p90: at(0.9) }
}
