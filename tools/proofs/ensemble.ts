import { type Proof, testsPass } from '../proof.ts'

export const proof: Proof = {
  statement: 'a test kills its leader ten times, each time both survivors serve within 2 s',
  limitMs: 5 * 60_000,
  async see(context) {
    return { tests: await testsPass(context, 'long', 'testbed/stores/ensemble.long.test.ts'), kills: 10 }
  },
}
