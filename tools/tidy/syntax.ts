import ts from 'typescript'
import type { File } from './tree.ts'

const sources = new WeakMap<File, ts.SourceFile>()

/** The syntax tree of a file, made once. Checks look at syntax and not at text, so a word in a comment never counts. */
export function parsed(file: File): ts.SourceFile {
  const known = sources.get(file)
  if (known) return known
  const made = ts.createSourceFile(file.path, file.text, ts.ScriptTarget.ES2024, true)
  sources.set(file, made)
  return made
}

/** Every node, parents before children. */
export function walk(node: ts.Node): readonly ts.Node[] {
  const found: ts.Node[] = []
  const visit = (one: ts.Node) => {
    found.push(one)
    ts.forEachChild(one, visit)
  }
  visit(node)
  return found
}

export const lineOf = (source: ts.SourceFile, node: ts.Node): number =>
  source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1
