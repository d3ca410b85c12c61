// How fast things break and mend: `npm run bench:switch -- [part ...] [--short]`.
import { runParts } from './run-parts.ts'
import { cutAndHeal } from './switch/cut-and-heal.ts'

await runParts({
  name: 'switch',
  alone: () => ({}),
  together: (short) => ({
    cut: (whole) => cutAndHeal(whole, { rounds: short ? 3 : 20 }),
  }),
})
