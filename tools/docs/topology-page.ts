import type { z } from 'zod'

type JsonSchema = z.core.JSONSchema.BaseSchema

interface Row {
  readonly field: string
  readonly type: string
  readonly fallback: string
  readonly meaning: string
}

const intro = `# ezone.yaml

The zones, places, links and shards of a testbed. \`ezone up\` reads \`ezone.yaml\` in the folder it is started in, or the
file named with \`--file\`. Without a file you get two zones, \`bj\` and \`sh\`, 30 ms apart, and an edge 5 ms from both.
Every field is optional. An editor that knows YAML schemas completes and checks it: begin the file with

\`\`\`yaml
# yaml-language-server: $schema=PATH/TO/ezone/docs/ezone.schema.json
\`\`\`

All that is wrong with a file is said at once, with line and column (\`EZ_TOPOLOGY_INVALID\`, exit code 2).

Three zones, one of them with two data centres in one city, and a slower link to the third:

\`\`\`yaml
zones:
  - name: bj
    idcs: [bj1, bj2]
  - name: sh
  - name: gz
links:
  - between: [bj1, gz]
    rttMs: 38
  - between: [bj2, gz]
    rttMs: 38
shards:
  44: gz
\`\`\`

## Fields
`

const outro = `
## Rules between fields

- Names of zones are unique, and so are names of places (IDCs and edges). A place may have the name of a zone only where
  it is an IDC of that zone.
- Numbers of zones are unique. Without \`number\` a zone has its position in the list.
- A link joins two different places (not zones), and is given once. Every two places are joined anyway.
- At most PLACES_MAX places: every two of them have a link, and every link an address of its own.
- No two stores have the same port. 2888 and 3888 (global ZooKeeper) and 8474 (links) are taken; Kafka also uses its port
  +1, and +100 onwards for foreign places.
- One zone, three, five: each has a vote in the global ensemble. With an even number of zones the first edge votes too.

## Where the shards stand

For exactly the zones \`bj\` and \`sh\` the 31 shards are split 52/48 by population (column \`zone_52_48\` of
data/fences/shards-31.csv). For any other zones they are dealt by population, the largest first, each to the zone with
the fewest people so far; the same file always deals the same. \`shards\` moves single ones.
`

/** docs/topology.md, made from the JSON schema of ezone.yaml. */
export function topologyPage(schema: JsonSchema, placesMax: number): string {
  const rows = rowsOf(schema, '')
  const table = rows.map(
    ({ field, type, fallback, meaning }) => `| \`${field}\` | ${type} | ${fallback} | ${meaning} |`,
  )
  const head = ['| field | what stands there | default | meaning |', '|---|---|---|---|']
  const note = '\n`[]` is any entry of a list, `.*` any key.\n'
  const made = '\n<!-- Made by `npm run docs` from testbed/topology/schema.ts; edit that. -->\n'
  return `${intro}\n${[...head, ...table].join('\n')}\n${note}${outro.replace('PLACES_MAX', String(placesMax))}${made}`
}

function rowsOf(schema: JsonSchema, prefix: string): readonly Row[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, value]) => {
    const one = objectOf(value)
    const field = `${prefix}${name}`
    return [rowOf(field, one), ...below(one, field)]
  })
}

/** The fields inside a field: of a group, of the entries of a list, of any of several shapes. */
function below(schema: JsonSchema, field: string): readonly Row[] {
  const items = schema.items === undefined ? [] : below(objectOf(schema.items), `${field}[]`)
  const shapes = (schema.anyOf ?? []).flatMap((shape) => below(objectOf(shape), field))
  return [...rowsOf(schema, `${field}.`), ...items, ...shapes]
}

function rowOf(field: string, schema: JsonSchema): Row {
  const fallback = schema.default === undefined || isGroup(schema) ? '' : `\`${JSON.stringify(schema.default)}\``
  return { field, type: typeOf(schema), fallback, meaning: schema.description ?? '' }
}

const isGroup = (schema: JsonSchema) => schema.type === 'object' && schema.properties !== undefined

function typeOf(schema: JsonSchema): string {
  if (schema.anyOf) return schema.anyOf.map((shape) => typeOf(objectOf(shape))).join(' or ')
  if (schema.enum) return schema.enum.map((value) => `\`${value}\``).join(' or ')
  switch (schema.type) {
    case 'integer':
      return `${schema.minimum} to ${schema.maximum}`
    case 'array':
      return schema.prefixItems ? 'a pair' : `list of ${typeOf(objectOf(schema.items))}`
    case 'object':
      return schema.properties ? 'fields' : `key -> ${typeOf(objectOf(schema.additionalProperties))}`
    default:
      return schema.format === 'uri' ? 'a URL' : 'text'
  }
}

const objectOf = (schema: unknown): JsonSchema =>
  typeof schema === 'object' && schema !== null ? (schema as JsonSchema) : {}
