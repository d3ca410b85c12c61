import { mustBe, type Proof, runTests } from '../proof.ts'

export const proof: Proof = {
  statement: 'The same zone tests pass on `process` and on `docker`',
  limitMs: 50 * 60_000,
  async see(context) {
    await context.run('.ci/docker-engine')
    const counts: Record<string, number> = {}
    for (const project of ['zone', 'docker']) {
      const { numPassedTests, numTotalTests, numPendingTests } = await runTests(context, project)
      mustBe(
        numPassedTests > 0 && numPassedTests + numPendingTests === numTotalTests,
        `${project}: ${numPassedTests} of ${numTotalTests} passed`,
      )
      counts[project] = numPassedTests
    }
    return counts
  },
}
