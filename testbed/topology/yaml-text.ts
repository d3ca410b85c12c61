import { EzoneError } from '@ezone/sdk/errors'
import type { ErrorCode } from '@ezone/sdk/model'
import { LineCounter, parseDocument, type YAMLError } from 'yaml'
import { type Problem, pathText, positionOf } from './positions.ts'

/** What a file is, for messages about it. */
export interface FileKind {
  /** As in `the topology has a problem`. */
  readonly noun: string
  readonly code: ErrorCode
}

/** A text of YAML: its value, and where in the text something stands. */
export interface YamlText {
  readonly value: unknown
  /** All that is wrong with it, in the order of the file: `ezone.yaml:4:9 zones[1].name: zone bj is there already…`. */
  readonly refusal: (problems: readonly Problem[]) => EzoneError
}

interface Placed {
  readonly line: number
  readonly column: number
  readonly text: string
}

/**
 * Reads YAML of a person.
 * @param options.file how the file is called in messages
 * @throws options.code naming every line that is no YAML
 */
export function readYaml(text: string, options: FileKind & { readonly file: string }): YamlText {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, version: '1.2', prettyErrors: false })
  const unreadable = [...document.errors, ...document.warnings].map((error): Placed => {
    const { line, col } = lines.linePos(error.pos[0])
    return { line, column: col, text: syntaxSentence(error, options.noun) }
  })
  if (unreadable.length > 0) throw invalid(options, unreadable)

  const value = plainValue(options, () => document.toJS({ maxAliasCount: 100 }) ?? {})
  const refusal = (problems: readonly Problem[]) =>
    invalid(
      options,
      problems.map((problem) => ({
        ...positionOf(document, lines, problem),
        text: `${pathText(problem.at)}: ${problem.sentence}`,
      })),
    )
  return { value, refusal }
}

function syntaxSentence({ code, message }: YAMLError, noun: string): string {
  if (code === 'DUPLICATE_KEY') return 'this field is there already; remove one of the two'
  if (code === 'MULTIPLE_DOCS') return `a second document begins here; a ${noun} is one document: remove the ---`
  return `this is not YAML: ${message}`
}

/** Aliases are followed when the value is made; one that leads nowhere, or explodes, shows only then. */
function plainValue(options: FileKind & { readonly file: string }, make: () => unknown): unknown {
  try {
    return make()
  } catch (error) {
    throw invalid(options, [{ line: 1, column: 1, text: `this is not YAML: ${(error as Error).message}` }])
  }
}

function invalid({ file, noun, code }: FileKind & { readonly file: string }, problems: readonly Placed[]): EzoneError {
  const sorted = problems.toSorted((a, b) => a.line - b.line || a.column - b.column)
  const shown = sorted.map(({ line, column, text }) => `${file}:${line}:${column} ${text}`)
  const count = shown.length === 1 ? 'a problem' : `${shown.length} problems`
  return new EzoneError(code, `the ${noun} has ${count}\n${shown.join('\n')}`)
}
