// What the plane costs and how fast it is: `npm run bench:plane -- [part ...] [--short]`.
import { catchUp } from './plane/catch-up.ts'
import { dalCost } from './plane/dal-cost.ts'
import { lag } from './plane/lag.ts'
import { routing } from './plane/routing.ts'
import { tableChange } from './plane/table-change.ts'
import { runParts } from './run-parts.ts'

await runParts({
  name: 'plane',
  alone: (short) => ({
    routing: () => routing(short ? 5 : 15),
    dal: () => dalCost(short ? 20 : 60),
  }),
  together: (short) => ({
    lag: (whole) => lag(whole, short ? { rounds: 1, roundMs: 6_000 } : { rounds: 3, roundMs: 8_000 }),
    'catch-up': (whole) => catchUp(whole, { cutMs: short ? 10_000 : 60_000 }),
    table: (whole) => tableChange(whole, { moves: short ? 6 : 40 }),
  }),
})
