import { expect, it } from 'vitest'
import { healRounds } from '../testing/heal.ts'

// The whole of it, ten cuts of 15 s, is shown by `npm run prove links-heal`.
it('a cut with clients that keep dialling heals within 2 s', async () => {
  const rounds = await healRounds({ places: { bj: 143, sh: 144 }, rounds: 2, cutMs: 3_000, clients: 4 })
  expect(rounds).toHaveLength(2)
  for (const { healMs } of rounds) expect(healMs).toBeLessThan(2_000)
})
