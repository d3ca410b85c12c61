import { mustBe, type Proof, testsPass } from '../proof.ts'

export const proof: Proof = {
  statement: 'import wall with its own test',
  limitMs: 120_000,
  async see(context) {
    const printed = await context.run('npm', 'run', '--silent', 'check:wall')
    const [, modules = '0'] = /(\d+) modules/.exec(printed) ?? []
    mustBe(Number(modules) > 50, `the wall saw only ${modules} modules`)
    const violationsCaught = await testsPass(context, 'unit', 'tools/wall.test.ts')
    return { modules: Number(modules), violations: 0, testsOfTheWallPassed: violationsCaught }
  },
}
