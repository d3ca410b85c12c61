import { type Proof, testsPass } from '../proof.ts'

export const proof: Proof = {
  statement: 'kill -9 of the mover at each of its steps: resumed or rolled back by the next command',
  limitMs: 6 * 60_000,
  async see(context) {
    return { tests: await testsPass(context, 'long', 'src/gzs/mover-killed.long.test.ts') }
  },
}
