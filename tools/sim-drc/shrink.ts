import type { Bug } from './bugs.ts'
import { type Finding, judge } from './judge.ts'
import { play } from './play.ts'
import { namesOf, type Script, type Trouble, type Write } from './script.ts'

/** Enough for some 60 things that happen; the story need not be the very smallest. */
const playsMax = 400

type Item = { readonly write: Write } | { readonly trouble: Trouble }

/**
 * A smaller script that still breaks the same law: things that happen are left out, first halves of them, then single
 * ones, as long as it breaks (delta debugging: Zeller and Hildebrandt 2002); then statements of a write.
 */
export async function shrink(script: Script, law: Finding['law'], bug?: Bug): Promise<Script> {
  let plays = 0
  const breaks = async (candidate: Script) =>
    plays++ < playsMax && judge(await play(candidate, bug)).some((finding) => finding.law === law)
  let smallest = await without(script, breaks)
  for (let at = 0; at < smallest.writes.length; at++) {
    for (let statement = (smallest.writes[at]?.statements.length ?? 0) - 1; statement >= 0; statement--) {
      const candidate = withoutStatement(smallest, at, statement)
      if (candidate !== undefined && (await breaks(candidate))) smallest = candidate
    }
  }
  while (smallest.skewsMs.length > 2 && !namesUsed(smallest).has(namesOf(smallest).at(-1) ?? '')) {
    const candidate = { ...smallest, skewsMs: smallest.skewsMs.slice(0, -1) }
    if (!(await breaks(candidate))) break
    smallest = candidate
  }
  return smallest
}

async function without(script: Script, breaks: (candidate: Script) => Promise<boolean>): Promise<Script> {
  let items: readonly Item[] = [
    ...script.writes.map((write) => ({ write })),
    ...script.troubles.map((trouble) => ({ trouble })),
  ]
  let size = Math.ceil(items.length / 2)
  while (size >= 1) {
    let left = false
    for (let at = 0; at < items.length; ) {
      const fewer = [...items.slice(0, at), ...items.slice(at + size)]
      if (await breaks(toScript(script, fewer))) {
        items = fewer
        left = true
      } else at += size
    }
    if (size === 1 && !left) break
    size = size === 1 ? 1 : Math.ceil(size / 2)
  }
  return toScript(script, items)
}

const toScript = (script: Script, items: readonly Item[]): Script => ({
  ...script,
  writes: items.flatMap((item) => ('write' in item ? [item.write] : [])),
  troubles: items.flatMap((item) => ('trouble' in item ? [item.trouble] : [])),
})

function withoutStatement(script: Script, at: number, statement: number): Script | undefined {
  const write = script.writes[at]
  if (write === undefined || write.statements.length < 2) return undefined
  const statements = write.statements.filter((_, index) => index !== statement)
  return { ...script, writes: script.writes.with(at, { ...write, statements }) }
}

function namesUsed({ writes, troubles }: Script): ReadonlySet<string> {
  const said = JSON.stringify(troubles)
  const names = namesOf({ skewsMs: [0, 0, 0, 0] })
  return new Set([
    ...writes.map((write) => write.zone),
    ...names.filter((name) => new RegExp(`\\b${name}\\b`).test(said)),
  ])
}
