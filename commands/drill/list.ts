import { TestbedCommand } from '../../testbed/face/command.ts'

/** A built-in drill as `drill list` shows it. */
interface Listed {
  readonly name: string
  readonly title: string
  readonly hypothesis: string
  readonly policy: string
  readonly loadMs: number
  readonly allowedGrade: string
}

export default class DrillList extends TestbedCommand {
  static override summary = 'Show the drills that are built in.'
  static override description =
    'Each is a scenario: load, what is broken and moved meanwhile, and what shall hold all the same. Your own ones are ' +
    'files: docs/guide/drills.md.'
  static override examples = ['<%= config.bin %> drill list', '<%= config.bin %> drill list --json']

  async run(): Promise<{ drills: readonly Listed[] }> {
    await this.parse(DrillList)
    const [{ builtIns }, { table }] = await Promise.all([
      import('../../testbed/drills/built-in.ts'),
      import('../../testbed/face/table.ts'),
    ])
    const drills = (await builtIns()).map(({ name, title, hypothesis, policy, load, allow }) => ({
      name,
      title,
      hypothesis,
      policy,
      loadMs: load.for,
      allowedGrade: allow.grade,
    }))
    this.say(
      table(
        ['DRILL', 'WHAT HAPPENS'],
        drills.map(({ name, title }) => [name, title]),
      ),
    )
    this.next('ezone drill run partition')
    return { drills }
  }
}
