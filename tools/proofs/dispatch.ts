import { type Proof, testsPass } from '../proof.ts'

export const proof: Proof = {
  statement: '100 seeded batches: dispatch never costs more than greedy, no rider twice',
  limitMs: 3 * 60_000,
  async see(context) {
    return { batches: 100, tests: await testsPass(context, 'unit', 'src/delivery/dispatch/plan.test.ts') }
  },
}
