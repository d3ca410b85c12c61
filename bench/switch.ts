// How fast things break and mend: `npm run bench:switch -- [part ...] [--short]`.
import { runParts } from './run-parts.ts'
import { cutAndHeal } from './switch/cut-and-heal.ts'
import { lostZone } from './switch/lost.ts'
import { plannedSwitch } from './switch/planned.ts'

await runParts({
  name: 'switch',
  alone: () => ({
    killed: () => lostZone({ what: 'zone killed', fault: 'power-loss', policy: 'available', rtoMax: 15 }),
    isolated: () => lostZone({ what: 'owner isolated but alive', fault: 'isolate', policy: 'strict', rtoMax: 20 }),
  }),
  together: (short) => ({
    planned: (whole) => plannedSwitch(whole, { perSecond: short ? 100 : 300 }),
    cut: (whole) => cutAndHeal(whole, { rounds: short ? 3 : 20 }),
  }),
})
