import ts from 'typescript'
import { parsed, walk } from './syntax.ts'
import { type Check, type File, type Finding, isTest, isTypeScript } from './tree.ts'

/** What `--help` shows of a command. */
const owed = ['summary', 'examples'] as const

export const commandsExplainThemselves: Check = (tree) =>
  tree.filter((file) => file.path.startsWith('commands/') && isTypeScript(file) && !isTest(file)).flatMap(missing)

function missing(file: File): readonly Finding[] {
  const command = walk(parsed(file)).find(
    (node): node is ts.ClassDeclaration => ts.isClassDeclaration(node) && isDefaultExport(node),
  )
  if (command === undefined)
    return [{ path: file.path, line: 1, says: 'a file in commands/ is one command: export default class …' }]
  const given = new Set(command.members.filter(isFilled).map((member) => member.name?.getText()))
  return owed
    .filter((name) => !given.has(name))
    .map((name) => ({
      path: file.path,
      line: 1,
      says: `the command has no ${name}: add \`static override ${name} = …\`, --help is made of it`,
    }))
}

const isDefaultExport = (node: ts.ClassDeclaration) =>
  node.modifiers?.some((modifier) => modifier.kind === ts.SyntaxKind.DefaultKeyword) ?? false

function isFilled(member: ts.ClassElement): member is ts.PropertyDeclaration {
  if (!ts.isPropertyDeclaration(member) || member.initializer === undefined) return false
  return !/^(\[\s*\]|''|``)$/.test(member.initializer.getText())
}
