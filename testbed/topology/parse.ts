import { EzoneError } from '@ezone/sdk/errors'
import { LineCounter, parseDocument, type YAMLError } from 'yaml'
import { readDraft } from './draft.ts'
import { type Problem, pathText, positionOf } from './positions.ts'
import { ruleProblems } from './rules.ts'
import { type Topology, topologySchema } from './schema.ts'
import { shapeProblems } from './shape.ts'

/** A problem as it is shown: `ezone.yaml:4:9 zones[1].name: zone bj is there already…`. */
interface Placed {
  readonly line: number
  readonly column: number
  readonly text: string
}

/**
 * Reads the text of an ezone.yaml. All that is wrong with it is said at once, in the order of the file.
 *
 * @param options.file how the file is called in messages
 * @param options.shards the shard numbers the data knows
 * @throws EZ_TOPOLOGY_INVALID
 */
export function parseTopology(
  text: string,
  options: { readonly file: string; readonly shards: ReadonlySet<string> },
): Topology {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, version: '1.2', prettyErrors: false })
  const unreadable = [...document.errors, ...document.warnings].map((error): Placed => {
    const { line, col } = lines.linePos(error.pos[0])
    return { line, column: col, text: syntaxSentence(error) }
  })
  if (unreadable.length > 0) throw invalid(options.file, unreadable)

  const value = plainValue(options.file, () => document.toJS({ maxAliasCount: 100 }) ?? {})
  const problems: readonly Problem[] = [...shapeProblems(value), ...ruleProblems(readDraft(value), options.shards)]
  if (problems.length > 0) {
    const placed = problems.map(
      (problem): Placed => ({
        ...positionOf(document, lines, problem),
        text: `${pathText(problem.at)}: ${problem.sentence}`,
      }),
    )
    throw invalid(options.file, placed)
  }
  return topologySchema.parse(value)
}

function syntaxSentence({ code, message }: YAMLError): string {
  if (code === 'DUPLICATE_KEY') return 'this field is there already; remove one of the two'
  if (code === 'MULTIPLE_DOCS') return 'a second document begins here; a topology is one document: remove the ---'
  return `this is not YAML: ${message}`
}

/** Aliases are followed when the value is made; one that leads nowhere, or explodes, shows only then. */
function plainValue(file: string, make: () => unknown): unknown {
  try {
    return make()
  } catch (error) {
    throw invalid(file, [{ line: 1, column: 1, text: `this is not YAML: ${(error as Error).message}` }])
  }
}

function invalid(file: string, problems: readonly Placed[]): EzoneError {
  const sorted = problems.toSorted((a, b) => a.line - b.line || a.column - b.column)
  const shown = sorted.map(({ line, column, text }) => `${file}:${line}:${column} ${text}`)
  const count = shown.length === 1 ? 'a problem' : `${shown.length} problems`
  return new EzoneError('EZ_TOPOLOGY_INVALID', `the topology has ${count}\n${shown.join('\n')}`)
}
