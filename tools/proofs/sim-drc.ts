import { mustBe, type Proof } from '../proof.ts'

const bugs = ['strict', 'no-tombstone', 're-stamp', 'loop-filter-off']

export const proof: Proof = {
  statement:
    '`npm run sim:drc -- --seeds 200`: the replication logic under an injected clock, network and crashes, 2-4 zones, 0 divergence, 0 echoes; with each planted bug at least one seed fails',
  limitMs: 15 * 60_000,
  async see(context) {
    const sound = await context.run('npm', 'run', '--silent', 'sim:drc', '--', '--seeds', '200')
    const caught: Record<string, string> = {}
    for (const bug of bugs) {
      const said = await context.run('npm', 'run', '--silent', 'sim:drc', '--', '--seeds', '200', '--bug', bug).then(
        () => null,
        (error: Error) => error.message,
      )
      mustBe(said !== null, `with ${bug} every seed was fine`)
      caught[bug] = said.trim().split('\n').at(-1) ?? ''
    }
    return { sound: sound.trim().split('\n').at(-1), caught }
  },
}
