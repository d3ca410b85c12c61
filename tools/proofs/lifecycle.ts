import { type Proof, testsPass } from '../proof.ts'

export const proof: Proof = {
  statement: 'Data survives `stop`/`start`; two testbeds at once, then `down --all`',
  limitMs: 10 * 60_000,
  async see(context) {
    return {
      lifecycle: await testsPass(context, 'zone', 'testbed/session/lifecycle.zone.test.ts'),
      topologies: await testsPass(context, 'zone', 'testbed/session/topologies.zone.test.ts'),
    }
  },
}
