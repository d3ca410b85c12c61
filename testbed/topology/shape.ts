import { z } from 'zod'
import { nearest } from './nearest.ts'
import type { Path, Problem } from './positions.ts'

type Issue = z.core.$ZodIssue
type JsonSchema = z.core.JSONSchema.BaseSchema

/** A schema, and what it describes: `topology`. */
export interface Shape {
  readonly schema: z.ZodType
  readonly noun: string
}

/** What the schema finds wrong with the shape of a value, as sentences. Empty where the shape is right. */
export function shapeProblems(value: unknown, shape: Shape): readonly Problem[] {
  const { error } = shape.schema.safeParse(value)
  return (error?.issues ?? []).flatMap((issue) => problemsOf(issue, value, shape))
}

function problemsOf(issue: Issue, root: unknown, shape: Shape): readonly Problem[] {
  const at = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part))
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({
      at: [...at, key],
      key: true,
      sentence: unknownField(key, shape.noun, fieldsAt(at, shape.schema)),
    }))
  if (issue.code === 'invalid_key')
    return issue.issues.map(({ message }) => ({ at, key: true, sentence: `${message}, not ${show(at.at(-1))}` }))
  if (issue.code === 'invalid_union') {
    const meant = branchMeant(issue)
    if (meant) return meant.flatMap((inner) => problemsOf({ ...inner, path: [...at, ...inner.path] }, root, shape))
  }
  return [{ at, sentence: sentenceOf(issue, valueAt(root, at)) }]
}

/** Of several shapes the one that was meant: its outside is right, and least of its inside is wrong. */
function branchMeant({ errors }: z.core.$ZodIssueInvalidUnion): readonly Issue[] | undefined {
  return errors
    .filter((issues) => issues.every((issue) => issue.path.length > 0 || !outside.has(issue.code)))
    .toSorted((a, b) => a.length - b.length)[0]
}

const outside: ReadonlySet<string> = new Set(['invalid_type', 'invalid_value'])

/** Written by us and not by zod, so that each says what is there and what may be there. */
function sentenceOf(issue: Issue, found: unknown): string {
  switch (issue.code) {
    case 'invalid_type':
      if (found === undefined) return `is missing: ${typeNames[issue.expected] ?? issue.expected} must stand here`
      if (found === null) return 'is empty: give it a value, or remove the line to get the default'
      return `must be ${typeNames[issue.expected] ?? issue.expected}, not ${show(found)}`
    case 'invalid_value':
      if (found === undefined) return `is missing: ${issue.values.map(String).join(' or ')} must stand here`
      return `must be ${issue.values.map((value) => String(value)).join(' or ')}, not ${show(found)}`
    case 'invalid_format':
      return `${issue.message}, not ${show(found)}`
    case 'too_small':
      return limited('least', Number(issue.minimum), issue.origin, found)
    case 'too_big':
      return limited('most', Number(issue.maximum), issue.origin, found)
    case 'invalid_union':
      return `must be ${[...new Set(issue.errors.flatMap(optionsOf))].join(' or ')}, not ${show(found)}`
    default:
      return issue.message
  }
}

/** What one shape of several would have taken, in words. */
function optionsOf(issues: readonly Issue[]): readonly string[] {
  const [first] = issues
  if (first?.code === 'invalid_value') return first.values.map(String)
  return first?.code === 'invalid_type' ? [typeNames[first.expected] ?? first.expected] : []
}

function limited(end: 'least' | 'most', limit: number, origin: string, found: unknown): string {
  if (origin !== 'array') return `must be at ${end} ${limit}, not ${show(found)}`
  const count = Array.isArray(found) ? found.length : 0
  return `must have at ${end} ${limit} ${limit === 1 ? 'entry' : 'entries'}, not ${count}`
}

const typeNames: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a whole number',
  int: 'a whole number',
  array: 'a list',
  tuple: 'a list',
  object: 'a group of fields',
  record: 'a group of fields',
}

function show(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object' && value !== null) return 'a group of fields'
  return typeof value === 'string' ? `"${value}"` : String(value)
}

function unknownField(key: string, noun: string, known: readonly string[]): string {
  const near = nearest(key, known)
  const rest = `fields here: ${known.join(', ')}`
  return near === undefined ? `is no field of a ${noun}; ${rest}` : `is no field; did you mean ${near}? (${rest})`
}

/** The fields the schema knows at a path, read from the JSON schema so that there is one list. */
function fieldsAt(at: Path, schema: z.ZodType): readonly string[] {
  let here: readonly JsonSchema[] = shapesOf(z.toJSONSchema(schema, { io: 'input' }))
  for (const part of at)
    here = here.flatMap((one) => shapesOf(typeof part === 'number' ? one.items : one.properties?.[part]))
  return here.flatMap((one) => Object.keys(one.properties ?? {}))
}

function shapesOf(schema: unknown): readonly JsonSchema[] {
  if (typeof schema !== 'object' || schema === null) return []
  const { anyOf } = schema as JsonSchema
  return anyOf === undefined ? [schema as JsonSchema] : anyOf.flatMap(shapesOf)
}

function valueAt(root: unknown, at: Path): unknown {
  return at.reduce<unknown>(
    (value, part) =>
      typeof value === 'object' && value !== null ? (value as Record<string | number, unknown>)[part] : undefined,
    root,
  )
}
