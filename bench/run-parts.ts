import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { packageRoot } from '../testbed/surroundings/folders.ts'
import { contextOf } from '../tools/proof.ts'
import { machine, sourcesOf } from '../tools/prove/record.ts'
import { Whole } from '../tools/prove/whole.ts'
import type { Measured } from './plane/figures.ts'

export interface Parts {
  /** Name of the file in bench/results. */
  readonly name: string
  /** Measured without a testbed, one after the other. */
  readonly alone: (short: boolean) => Readonly<Record<string, () => Promise<Measured>>>
  /** Measured on one testbed, after those. */
  readonly together: (short: boolean) => Readonly<Record<string, (whole: Whole) => Promise<Measured>>>
}

/**
 * `npm run bench:NAME -- [part ...] [--short]`: measures parts, prints them, and keeps them in bench/results, each with the
 * load of the machine before and after. Short runs are for looking and are not kept. Ends with 1 where a target is missed.
 */
export async function runParts({ name, ...of }: Parts): Promise<void> {
  const { values, positionals } = parseArgs({ options: { short: { type: 'boolean' } }, allowPositionals: true })
  const short = values.short === true
  const [alone, together] = [of.alone(short), of.together(short)]
  const parts = positionals.length > 0 ? positionals : [...Object.keys(alone), ...Object.keys(together)]
  const unknown = parts.find((part) => !(part in alone) && !(part in together))
  if (unknown !== undefined) {
    process.stderr.write(`there is no part ${unknown}\n`)
    process.exit(2)
  }
  const measured = new Map<string, Measured>()
  const keep = (part: string, one: Measured): void => {
    measured.set(part, one)
    print(part, one)
  }
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
  if (!short) await store(name, measured)
  const missed = [...measured.values()].flatMap(({ figures }) => figures).filter(({ holds }) => holds === false)
  process.exitCode = missed.length > 0 ? 1 : 0
}

function print(part: string, one: Measured): void {
  const { durability = '' } = one.notes
  process.stdout.write(`${part}: load ${one.load.join(' -> ')} on ${machine().cpus} cores ${durability}\n`)
  for (const { what, value, unit, target, holds } of one.figures) {
    const mark = holds === null ? '' : `  target ${target}: ${holds ? 'holds' : 'MISSED'}`
    process.stdout.write(`  ${what.padEnd(62)} ${String(value).padStart(9)} ${unit}${mark}\n`)
  }
}

async function store(name: string, measured: ReadonlyMap<string, Measured>): Promise<void> {
  const file = join(packageRoot, 'bench', 'results', `${name}.json`)
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
