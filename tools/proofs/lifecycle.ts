import { type Proof, testsPass } from '../proof.ts'

export const proof: Proof = {
  statement: 'Data survives `stop`/`start`; two testbeds at once, then `down --all`',
  limitMs: 10 * 60_000,
  async see(context) {
    return {
      lifecycle: await testsPass(context, 'long', 'testbed/session/lifecycle.long.test.ts'),
      topologies: await testsPass(context, 'long', 'testbed/session/topologies.long.test.ts'),
    }
  },
}
