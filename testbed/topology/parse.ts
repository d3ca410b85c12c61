import { readDraft } from './draft.ts'
import { ruleProblems } from './rules.ts'
import { type Topology, topologySchema } from './schema.ts'
import { shapeProblems } from './shape.ts'
import { readYaml } from './yaml-text.ts'

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
  const { value, refusal } = readYaml(text, { file: options.file, noun: 'topology', code: 'EZ_TOPOLOGY_INVALID' })
  const problems = [
    ...shapeProblems(value, { schema: topologySchema, noun: 'topology' }),
    ...ruleProblems(readDraft(value), options.shards),
  ]
  if (problems.length > 0) throw refusal(problems)
  return topologySchema.parse(value)
}
