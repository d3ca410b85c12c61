import { plantedBugNames } from '@ezone/sdk/model'
import { showings } from '../../testbed/drills/planted-bugs.ts'
import { mustBe, type Proof } from '../proof.ts'
import { drillOf, whyNotAsPlanted } from '../prove/planted-bug.ts'

const seeds = [1, 2, 3]

export const proof: Proof = {
  statement:
    'Ten planted bugs: ten drills invalid (exit 7) with the right claim and a counterexample a person can follow; without them valid',
  limitMs: 4 * 60 * 60_000,
  async see({ signal }) {
    const caught: Record<string, Record<string, string | undefined>> = {}
    for (const bug of plantedBugNames)
      for (const seed of seeds) {
        signal.throwIfAborted()
        const drilled = await drillOf({ bug, like: bug, seed })
        const why = whyNotAsPlanted({ bug, like: bug }, drilled)
        mustBe(why === null, `${bug}, seed ${seed}: ${drilled.drill} ${why}`)
        caught[bug] = { ...caught[bug], [`seed ${seed}`]: drilled.invalid[showings[bug].claim] }
      }
    const sound: string[] = []
    for (const like of plantedBugNames) {
      const { drill, policy } = showings[like]
      const run = `${drill} under ${policy}`
      if (sound.includes(run)) continue
      signal.throwIfAborted()
      const drilled = await drillOf({ bug: null, like, seed: 1 })
      const why = whyNotAsPlanted({ bug: null, like }, drilled)
      mustBe(why === null, `${run}, without a bug, ${why}`)
      sound.push(run)
    }
    return { caught, sound }
  },
}
