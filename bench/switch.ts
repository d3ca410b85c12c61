// How fast things break and mend: `npm run bench:switch -- [part ...] [--short]`.
import { runParts } from './run-parts.ts'
import { cutAndHeal } from './switch/cut-and-heal.ts'
import { plannedSwitch } from './switch/planned.ts'

await runParts({
  name: 'switch',
  alone: () => ({}),
  together: (short) => ({
    planned: (whole) => plannedSwitch(whole, { perSecond: short ? 100 : 300 }),
    cut: (whole) => cutAndHeal(whole, { rounds: short ? 3 : 20 }),
  }),
})
