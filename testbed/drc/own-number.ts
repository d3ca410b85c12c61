/**
 * The number of the newest transaction that was made on a server itself: of its GTIDs, those without a tag. What was
 * applied from elsewhere has one (ADR 0019).
 *
 * @param gtids a set as MySQL prints it: `uuid:1-5:7:drc_sh:1-3,\nuuid2:1`
 * @returns 0 where there is none
 */
export function ownNumber(gtids: string, uuid: string): number {
  const own = gtids
    .replace(/\s/g, '')
    .split(',')
    .find((set) => set.startsWith(`${uuid}:`))
  let newest = 0
  for (const part of own?.split(':').slice(1) ?? []) {
    const [, first, last] = /^(\d+)(?:-(\d+))?$/.exec(part) ?? []
    // A tag: what follows carries it.
    if (first === undefined) break
    newest = Math.max(newest, Number(last ?? first))
  }
  return newest
}
