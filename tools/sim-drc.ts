import { parseArgs } from 'node:util'
import { type Bug, bugs, isBug } from './sim-drc/bugs.ts'
import { judge } from './sim-drc/judge.ts'
import { play } from './sim-drc/play.ts'
import { type Script, writeScript } from './sim-drc/script.ts'
import { shrink } from './sim-drc/shrink.ts'
import { tell } from './sim-drc/tell.ts'

// npm run sim:drc -- --seeds 200 [--from N] [--seed N] [--bug NAME] [--zones 2-4]
// The decisions of src/drc/core in simulated worlds: clocks that jump, links that are cut, processes that die at any
// step or come back too late. The first seed that breaks a law is made smaller and told as a story.

interface Wanted {
  readonly first: number
  readonly count: number
  readonly zones: number | undefined
  readonly bug: Bug | undefined
}

function wanted(): Wanted | string {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: '200' },
      from: { type: 'string', default: '1' },
      seed: { type: 'string' },
      bug: { type: 'string' },
      zones: { type: 'string' },
    },
  })
  const count = values.seed === undefined ? Number(values.seeds) : 1
  const first = Number(values.seed ?? values.from)
  const zones = values.zones === undefined ? undefined : Number(values.zones)
  if (!Number.isInteger(count) || count < 1 || !Number.isInteger(first)) return 'seeds are whole numbers, at least one'
  if (zones !== undefined && ![2, 3, 4].includes(zones)) return '--zones takes 2, 3 or 4'
  if (values.bug !== undefined && !isBug(values.bug)) return `--bug takes ${Object.keys(bugs).join(', ')}`
  return { first, count, zones, bug: values.bug }
}

async function story(script: Script, bug: Bug | undefined): Promise<string> {
  const law = judge(await play(script, bug))[0]?.law
  if (law === undefined) return ''
  const smallest = await shrink(script, law, bug)
  const played = await play(smallest, bug)
  return tell(smallest, played, judge(played))
}

async function main(): Promise<number> {
  const asked = wanted()
  if (typeof asked === 'string') {
    console.error(asked)
    return 2
  }
  const { first, count, zones, bug } = asked
  const began = performance.now()
  const sum = { writes: 0, conflicts: 0, locked: 0, divergences: 0, echoes: 0 }
  let failing: Script | undefined
  for (let seed = first; seed < first + count; seed++) {
    const script = writeScript(seed, zones)
    const played = await play(script, bug)
    const findings = judge(played)
    const conflicts = played.ground.zones.flatMap(({ store }) => store.conflicts)
    sum.writes += played.writes.length
    sum.conflicts += conflicts.length
    sum.locked += conflicts.filter(({ lock }) => lock).length
    sum.echoes += findings.filter(({ law }) => law === 'echo').length
    if (findings.some(({ law }) => law !== 'echo')) sum.divergences++
    if (findings.length > 0) failing ??= script
    const done = seed - first + 1
    if (done % 50 === 0 || done === count)
      console.error(`${done} of ${count} seeds, ${((performance.now() - began) / 1000).toFixed(1)} s`)
  }
  if (failing) console.log(`\n${await story(failing, bug)}\n`)
  console.log(`${sum.writes} writes, ${sum.conflicts} losers noted, ${sum.locked} of them across a takeover`)
  console.log(`seeds ${count}, divergences ${sum.divergences}, echoes ${sum.echoes}`)
  return failing ? 1 : 0
}

process.exitCode = await main()
