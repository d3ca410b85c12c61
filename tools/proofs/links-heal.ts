import { healRounds } from '../../testbed/testing/heal.ts'
import { mustBe, type Proof } from '../proof.ts'

export const proof: Proof = {
  statement: 'a 15 s cut with clients that keep reconnecting must heal within 2 s, ten times of ten',
  limitMs: 300_000,
  see: async () => {
    const rounds = await healRounds({ places: { bj: 145, sh: 146 }, rounds: 10, cutMs: 15_000, clients: 8 })
    const healMs = rounds.map((round) => Math.round(round.healMs))
    mustBe(
      healMs.length === 10 && healMs.every((ms) => ms < 2_000),
      `the ten cuts healed after ${healMs.join(', ')} ms: ${JSON.stringify(rounds)}`,
    )
    const most = (figure: (round: (typeof rounds)[number]) => number) =>
      Math.round(Math.max(...rounds.map(figure)) * 100) / 100
    return {
      healMs,
      cutSkewMsMax: most((round) => round.cutSkewMs),
      joinSkewMsMax: most((round) => round.joinSkewMs),
      proxiesRebuilt: rounds.reduce((sum, round) => sum + round.rebuilt, 0),
    }
  },
}
