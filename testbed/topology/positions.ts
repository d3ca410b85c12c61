import { type Document, isMap, isNode, isScalar, isSeq, type LineCounter, type ParsedNode, type YAMLMap } from 'yaml'

export type Path = readonly (string | number)[]

export interface Position {
  /** Both from 1, as editors count. */
  readonly line: number
  readonly column: number
}

/** One thing wrong with a topology, where it is, and what to do about it. */
export interface Problem {
  readonly at: Path
  /** True where the key is wrong (an unknown field), false where its value is. */
  readonly key?: boolean
  readonly sentence: string
}

/** Where a path stands in the text. A path that is not there has the position of what should contain it. */
export function positionOf(
  document: Document.Parsed<ParsedNode>,
  lines: LineCounter,
  { at, key = false }: Pick<Problem, 'at' | 'key'>,
): Position {
  let offset = document.contents?.range[0] ?? 0
  let node: unknown = document.contents
  for (const [depth, part] of at.entries()) {
    const pair = isMap(node) ? pairOf(node, part) : undefined
    node = pair?.value ?? (isSeq(node) ? node.items[Number(part)] : undefined)
    const shown = key && depth === at.length - 1 ? pair?.key : node
    if (!isNode(shown)) break
    offset = shown.range?.[0] ?? offset
  }
  const { line, col } = lines.linePos(offset)
  return { line: Math.max(line, 1), column: Math.max(col, 1) }
}

/** By the text of the key: `31` is a number to YAML and a field name to us. */
const pairOf = (map: YAMLMap, part: string | number) =>
  map.items.find(({ key }) => isScalar(key) && String(key.value) === String(part))

/** `zones[1].name`, as the docs write it. */
export function pathText(at: Path): string {
  const text = at.map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`)).join('')
  return text.replace(/^\./, '') || 'the file'
}
