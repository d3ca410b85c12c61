// What the plane costs and how fast it is, beside what issue 4 asks for: `npm run bench:plane -- [part ...] [--short]`.
// Parts: routing, dal, lag, catch-up, table; all of them where none is named. What was measured goes into
// bench/results/plane.json, each part with the load of the machine before and after. Ends with 1 where a target is missed.
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { packageRoot } from '../testbed/surroundings/folders.ts'
import { contextOf } from '../tools/proof.ts'
import { machine, sourcesOf } from '../tools/prove/record.ts'
import { Whole } from '../tools/prove/whole.ts'
import { catchUp } from './plane/catch-up.ts'
import { dalCost } from './plane/dal-cost.ts'
import type { Measured } from './plane/figures.ts'
import { lag } from './plane/lag.ts'
import { routing } from './plane/routing.ts'
import { tableChange } from './plane/table-change.ts'

const { values, positionals } = parseArgs({ options: { short: { type: 'boolean' } }, allowPositionals: true })
const short = values.short === true

/** Without a testbed, then on one. */
const alone: Record<string, () => Promise<Measured>> = {
  routing: () => routing(short ? 5 : 15),
  dal: () => dalCost(short ? 20 : 60),
}
const together: Record<string, (whole: Whole) => Promise<Measured>> = {
  lag: (whole) => lag(whole, short ? { rounds: 1, roundMs: 6_000 } : { rounds: 3, roundMs: 8_000 }),
  'catch-up': (whole) => catchUp(whole, { cutMs: short ? 10_000 : 60_000 }),
  table: (whole) => tableChange(whole, { moves: short ? 6 : 40 }),
}
const parts = positionals.length > 0 ? positionals : [...Object.keys(alone), ...Object.keys(together)]
const unknown = parts.find((part) => !(part in alone) && !(part in together))
if (unknown !== undefined) {
  process.stderr.write(`there is no part ${unknown}\n`)
  process.exit(2)
}

const measured = new Map<string, Measured>()
for (const part of parts) {
  const measure = alone[part]
  if (measure) keep(part, await measure())
}
const onTestbed = parts.filter((part) => part in together)
if (onTestbed.length > 0) {
  await using whole = await Whole.up()
  for (const part of onTestbed) {
    const measure = together[part]
    if (measure) keep(part, await measure(whole))
  }
}
await store()
const missed = [...measured.values()].flatMap(({ figures }) => figures).filter(({ holds }) => holds === false)
process.exitCode = missed.length > 0 ? 1 : 0

function keep(part: string, one: Measured): void {
  measured.set(part, one)
  const { durability = '' } = one.notes
  process.stdout.write(`${part}: load ${one.load.join(' -> ')} on ${machine().cpus} cores ${durability}\n`)
  for (const { what, value, unit, target, holds } of one.figures) {
    const mark = holds === null ? '' : `  target ${target}: ${holds ? 'holds' : 'MISSED'}`
    process.stdout.write(`  ${what.padEnd(62)} ${String(value).padStart(9)} ${unit}${mark}\n`)
  }
}

/** Short runs are for looking; only whole ones are kept. */
async function store(): Promise<void> {
  if (short) return
  const file = join(packageRoot, 'bench', 'results', 'plane.json')
  const { commit } = await sourcesOf(contextOf(packageRoot, AbortSignal.timeout(60_000)))
  const known = await readFile(file, 'utf8').then(
    (text) => JSON.parse(text) as { parts: object },
    () => ({ parts: {} }),
  )
  const added = [...measured].map(([part, one]) => [part, { commit, ...one }] as const)
  const result = { machine: machine(), parts: { ...known.parts, ...Object.fromEntries(added) } }
  await mkdir(join(file, '..'), { recursive: true })
  await writeFile(file, `${JSON.stringify(result, null, 2)}\n`)
}
