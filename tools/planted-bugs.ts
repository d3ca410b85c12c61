import { parseArgs } from 'node:util'
import { type PlantedBug, plantedBugNames } from '@ezone/sdk/model'
import { setup as buildFirst } from './build-first.ts'
import { drillOf, whyNotAsPlanted } from './prove/planted-bug.ts'

// npm run planted-bugs -- [BUG…] [--seeds N] [--from N] [--sound]
// Each bug on testbeds of its own, a drill with each seed; with --sound the same drills where nothing is planted.
// One line of JSON for each drill; exit 1 where one did not end as it must.

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      seeds: { type: 'string', default: '3' },
      from: { type: 'string', default: '1' },
      sound: { type: 'boolean', default: false },
    },
  })
  const unknown = positionals.find((name) => !(plantedBugNames as readonly string[]).includes(name))
  const [count, first] = [Number(values.seeds), Number(values.from)]
  if (unknown !== undefined || !Number.isInteger(count) || count < 1 || !Number.isInteger(first)) {
    console.error(unknown === undefined ? 'seeds are whole numbers' : `planted are ${plantedBugNames.join(' ')}`)
    return 2
  }
  const bugs = positionals.length === 0 ? plantedBugNames : (positionals as readonly PlantedBug[])
  buildFirst()
  let failed = 0
  for (const like of bugs)
    for (let seed = first; seed < first + count; seed++) {
      const bug = values.sound ? null : like
      const drilled = await drillOf({ bug, like, seed })
      const why = whyNotAsPlanted({ bug, like }, drilled)
      if (why !== null) failed++
      console.log(JSON.stringify({ bug, ...drilled, why }))
    }
  return failed === 0 ? 0 : 1
}

process.exitCode = await main()
