import ts from 'typescript'
import { parsed, walk } from './syntax.ts'
import { type Check, type File, type Finding, isTest, isTypeScript, type Tree } from './tree.ts'

export const cataloguePath = 'src/sdk/model/catalogue.ts'
/** Its greatest part, in a file of its own. */
export const refusalsPath = 'src/sdk/model/refusals.ts'
export const errorsPath = 'docs/errors.md'

interface Mention {
  readonly code: string
  readonly path: string
  readonly line: number
  /** Exit code, in the catalogue and of the `## Exit N` above a section. */
  readonly exit: string
}

/** Every code has a section in docs/errors.md and somebody who uses it; every section has a code. */
export const errorsAreExplained: Check = (tree) => {
  const catalogue = tree.find((file) => file.path === cataloguePath)
  const page = tree.find((file) => file.path === errorsPath)
  if (catalogue === undefined || page === undefined)
    return [{ path: catalogue ? errorsPath : cataloguePath, line: 1, says: 'is missing' }]
  const codes = tree.filter(({ path }) => path === cataloguePath || path === refusalsPath).flatMap(keysOf)
  const sections = sectionsOf(page)
  const used = usedCodes(tree)
  const at = (path: string, line: number, says: string): Finding => ({ path, line, says })
  return [
    ...codes
      .filter(({ code }) => !sections.some((section) => section.code === code))
      .map(({ code, path, line }) => at(path, line, `${code} has no section: write \`### ${code}\` in ${errorsPath}`)),
    ...codes
      .filter(({ code }) => !used.has(code))
      .map(({ code, path, line }) => at(path, line, `nobody uses ${code}: throw it, or remove it here and there`)),
    ...sections
      .filter(({ code }) => !codes.some((known) => known.code === code))
      .map(({ code, line }) => at(errorsPath, line, `there is no ${code} in the catalogue: remove the section`)),
    ...sections.flatMap(({ code, line, exit }) => {
      const wanted = codes.find((known) => known.code === code)?.exit ?? exit
      return wanted === exit
        ? []
        : [at(errorsPath, line, `${code} ends with exit ${wanted}: move it under \`## Exit ${wanted}\``)]
    }),
    ...sections
      .filter(({ code }, index) => sections.findIndex((section) => section.code === code) !== index)
      .map(({ code, line }) => at(errorsPath, line, `${code} has a section already: keep one`)),
  ]
}

function keysOf(catalogue: File): readonly Mention[] {
  const source = parsed(catalogue)
  return walk(source).flatMap((node) => {
    if (!ts.isPropertyAssignment(node) || !/^EZ_/.test(node.name.getText(source))) return []
    const line = source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1
    const exit = /\bexit: (\d+)/.exec(node.initializer.getText(source))?.[1] ?? ''
    return [{ code: node.name.getText(source), path: catalogue.path, line, exit }]
  })
}

function sectionsOf(page: File): readonly Mention[] {
  let exit = ''
  return page.text.split('\n').flatMap((text, index) => {
    exit = /^## Exit (\d+)/.exec(text)?.[1] ?? exit
    const code = /^### (EZ_[A-Z_]+)\s*$/.exec(text)?.[1]
    return code === undefined ? [] : [{ code, path: page.path, line: index + 1, exit }]
  })
}

function usedCodes(tree: Tree): ReadonlySet<string> {
  const files = tree.filter(
    (file) => isTypeScript(file) && !isTest(file) && file.path !== cataloguePath && file.path !== refusalsPath,
  )
  const code = files.filter((file) => /^(commands|testbed|src|bin)\//.test(file.path))
  // The launcher is a shell script: it fails before there is a Node to read the catalogue with.
  const scripts = tree.filter((file) => file.path === 'ezone' || file.path.startsWith('bin/'))
  const words = [
    ...code.flatMap((file) => walk(parsed(file)).flatMap((node) => (ts.isStringLiteral(node) ? [node.text] : []))),
    ...scripts.flatMap((file) => file.text.match(/EZ_[A-Z_]+/g) ?? []),
  ]
  return new Set(words.filter((word) => word.startsWith('EZ_')))
}
