import { plantedBugNames } from '@ezone/sdk/model'
import { showings } from '../../testbed/drills/planted-bugs.ts'
import { mustBe, type Proof } from '../proof.ts'
import { type Drilled, drillOf, type Wanted, whyNotAsPlanted } from '../prove/planted-bug.ts'

const seeds = [1, 2, 3]

export const proof: Proof = {
  statement:
    'Ten planted bugs: ten drills invalid (exit 7) with the right claim and a counterexample a person can follow; without them valid',
  limitMs: 4 * 60 * 60_000,
  async see({ signal, part }) {
    const caught: Record<string, Record<string, string | undefined>> = {}
    for (const bug of plantedBugNames)
      for (const seed of seeds) {
        signal.throwIfAborted()
        const drilled = await part(`${bug} ${seed}`, () => asPlanted({ bug, like: bug, seed }))
        caught[bug] = { ...caught[bug], [`seed ${seed}`]: drilled.invalid[showings[bug].claim] }
      }
    const sound: string[] = []
    for (const like of plantedBugNames) {
      const { drill, policy } = showings[like]
      const run = `${drill} under ${policy}`
      if (sound.includes(run)) continue
      signal.throwIfAborted()
      await part(run, () => asPlanted({ bug: null, like, seed: 1 }))
      sound.push(run)
    }
    return { caught, sound }
  },
}

async function asPlanted(wanted: Wanted): Promise<Drilled> {
  const drilled = await drillOf(wanted)
  const why = whyNotAsPlanted(wanted, drilled)
  mustBe(why === null, `${wanted.bug ?? 'no bug'}, seed ${wanted.seed}: ${drilled.drill} ${why}`)
  return drilled
}
