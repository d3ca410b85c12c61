import { shapeProblems } from '../topology/shape.ts'
import { readYaml } from '../topology/yaml-text.ts'
import { type Roles, roleProblems, withRoles } from './roles.ts'
import { type DrillGround, ruleProblems } from './rules.ts'
import { type Scenario, scenarioSchema } from './schema.ts'

const kind = { noun: 'scenario', code: 'EZ_SCENARIO_INVALID' } as const

/**
 * Reads the text of a scenario for a testbed. All that is wrong with it is said at once, with line and column, before
 * anything is started.
 *
 * @param options.file how the file is called in messages
 * @throws EZ_SCENARIO_INVALID
 */
export function parseScenario(
  text: string,
  options: DrillGround & { readonly file: string; readonly roles: Roles },
): Scenario {
  const { value, refusal } = readYaml(text, { ...kind, file: options.file })
  const played = withRoles(value, options.roles)
  const problems = [
    ...shapeProblems(played, { schema: scenarioSchema, noun: kind.noun }),
    ...roleProblems(value, options.roles),
    ...ruleProblems(played, options),
  ]
  if (problems.length > 0) throw refusal(problems)
  return scenarioSchema.parse(played)
}

/** What a scenario says of itself, whatever the testbed: for lists. Roles stay as they are written. */
export function scenarioAsWritten(text: string, file: string): Scenario {
  const { value, refusal } = readYaml(text, { ...kind, file })
  const problems = shapeProblems(value, { schema: scenarioSchema, noun: kind.noun })
  if (problems.length > 0) throw refusal(problems)
  return scenarioSchema.parse(value)
}
