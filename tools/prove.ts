import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { systemClock } from '@ezone/sdk/model'
import { nearest } from '../testbed/topology/nearest.ts'
import { setup as buildFirst } from './build-first.ts'
import { contextOf, type Proof } from './proof.ts'
import { partsOf } from './prove/parts.ts'
import { keepShown, machine, readShown, type Shown, sourcesOf, writeOverview } from './prove/record.ts'

// npm run prove [-- TOPIC…] [--again] [--list]: shows that what was promised is so. What was shown of these very
// sources is not shown again, so a run that was broken off goes on where it stopped.

const root = join(import.meta.dirname, '..')

async function proofs(): Promise<ReadonlyMap<string, Proof>> {
  const files = (await readdir(join(root, 'tools', 'proofs'))).filter((file) => file.endsWith('.ts')).sort()
  const loaded = await Promise.all(
    files.map(async (file) => [file.slice(0, -3), (await import(`./proofs/${file}`)).proof] as const),
  )
  return new Map(loaded)
}

async function show(topic: string, proof: Proof, again: boolean, interrupt: AbortSignal): Promise<Shown> {
  const signal = AbortSignal.any([interrupt, AbortSignal.timeout(proof.limitMs)])
  const bare = contextOf(root, signal)
  const context = { ...bare, part: await partsOf(bare, topic, again) }
  const began = systemClock.monotonicMs()
  // A proof that does not hear its signal is over all the same.
  const { promise: over, reject } = Promise.withResolvers<never>()
  const end = () => reject(signal.reason)
  signal.addEventListener('abort', end, { once: true })
  const seen = await Promise.race([proof.see(context), over]).then(
    (data) => ({ holds: true, seen: data, error: null }),
    (error) => ({ holds: false, seen: {}, error: error instanceof Error ? error.message : String(error) }),
  )
  signal.removeEventListener('abort', end)
  return {
    topic,
    statement: proof.statement,
    ...seen,
    at: new Date(systemClock.nowMs()).toISOString(),
    tookMs: Math.round(systemClock.monotonicMs() - began),
    ...(await sourcesOf(contextOf(root, interrupt))),
    machine: machine(),
  }
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { again: { type: 'boolean', default: false }, list: { type: 'boolean', default: false } },
  })
  const known = await proofs()
  const unknown = positionals.find((topic) => !known.has(topic))
  if (unknown !== undefined) {
    const near = nearest(unknown, known.keys())
    console.error(
      `no proof is called ${unknown}; ${near ? `did you mean ${near}?` : `there are: ${[...known.keys()].join(' ')}`}`,
    )
    return 2
  }
  if (values.list) {
    for (const [topic, { statement }] of known) console.log(`${topic.padEnd(20)} ${statement}`)
    return 0
  }
  const wanted = [...known].filter(([topic]) => positionals.length === 0 || positionals.includes(topic))
  buildFirst()
  const interrupt = new AbortController()
  process.once('SIGINT', () => interrupt.abort(new Error('interrupted')))
  return (await showAll(wanted, values.again, interrupt.signal)) === 0 ? 0 : 1
}

/** Returns how many do not hold. */
async function showAll(
  wanted: readonly (readonly [string, Proof])[],
  again: boolean,
  signal: AbortSignal,
): Promise<number> {
  const { sources } = await sourcesOf(contextOf(root, signal))
  let failed = 0
  let already = 0
  for (const [topic, proof] of wanted) {
    signal.throwIfAborted()
    const before = await readShown(root, topic)
    if (!again && before?.holds && before.sources === sources) {
      already++
      continue
    }
    const shown = await show(topic, proof, again, signal)
    if (!shown.holds) failed++
    await keepShown(root, shown)
    const took = `${(shown.tookMs / 1000).toFixed(1)} s`
    console.log(
      shown.holds
        ? `holds  ${topic}  ${took}  ${JSON.stringify(shown.seen)}`
        : `FAILS  ${topic}  ${took}  ${shown.error}`,
    )
  }
  const all = await Promise.all([...(await proofs()).keys()].map((topic) => readShown(root, topic)))
  await writeOverview(
    root,
    all.filter((shown) => shown !== null),
  )
  console.log(`${wanted.length - failed - already} shown, ${already} shown before, ${failed} failed`)
  return failed
}

process.exitCode = await main()
