import { mustBe, type Proof } from '../proof.ts'
import { bugs } from '../sim-drc/bugs.ts'

/** Those of the issue. The rest of the planted bugs show that the other laws are judged too. */
const named = ['strict', 'no-tombstone', 're-stamp', 'loop-filter-off']

export const proof: Proof = {
  statement:
    '`npm run sim:drc -- --seeds 200`: the replication logic under an injected clock, network and crashes, 2-4 zones, 0 divergence, 0 echoes; with each planted bug (strict `<`, no tombstone, re-stamp after crash, loop filter off) at least one seed fails. Last line: seeds, divergences, echoes; exit 1 on any',
  limitMs: 20 * 60_000,
  async see(context) {
    const lastLine = (said: string) => said.trim().split('\n').at(-1) ?? ''
    const simulate = (...more: readonly string[]) =>
      context.run('npm', 'run', '--silent', 'sim:drc', '--', '--seeds', '200', ...more)
    const sound = lastLine(await simulate())
    mustBe(sound === 'seeds 200, divergences 0, echoes 0', `it ended with "${sound}"`)
    for (const bug of named) mustBe(bug in bugs, `${bug} is not planted`)
    const caught: Record<string, string> = {}
    for (const bug of Object.keys(bugs)) {
      const said = await simulate('--bug', bug).then(
        () => null,
        (error: Error) => error,
      )
      mustBe(said !== null, `with ${bug} every seed was fine`)
      const { stdout, code } = said.cause as { readonly stdout: string; readonly code: unknown }
      const line = lastLine(stdout)
      mustBe(/^seeds 200, divergences \d+, echoes \d+$/.test(line) && line !== sound, `with ${bug}: "${line}"`)
      mustBe(code === 1, `with ${bug} it ended with another code than 1`)
      caught[bug] = line
    }
    return { sound, caught }
  },
}
