/** The store broke off: a lock somebody else holds, a connection that is gone. Nothing of the transaction is left. */
export class StoreTrouble extends Error {}

interface Holder {
  rollBack(): void
}

/** Row locks of a store. Who would have to wait is rolled back instead, and begins again later. */
export class Locks<H extends Holder> {
  readonly #alone = new Map<string, H>()
  readonly #shared = new Map<string, Set<H>>()
  readonly #isSilent: (holder: H) => boolean

  /** @param isSilent whether a holder has lost its connection for saying nothing */
  constructor(isSilent: (holder: H) => boolean) {
    this.#isSilent = isSilent
  }

  /** For a row that is written. @throws StoreTrouble */
  alone(id: string, who: H): void {
    this.share(id, who)
    for (const other of this.#shared.get(id) ?? []) this.#yield(id, other, who)
    this.#alone.set(id, who)
  }

  /** For a row that is read, or a gap where none may come to be. @throws StoreTrouble */
  share(id: string, who: H): void {
    this.probe(id, who)
    const holders = this.#shared.get(id) ?? new Set<H>()
    this.#shared.set(id, holders.add(who))
  }

  /** A locking read of what is not there: it waits for whoever is about to write it, and locks nothing. @throws StoreTrouble */
  probe(id: string, who: H): void {
    const holder = this.#alone.get(id)
    if (holder !== undefined) this.#yield(id, holder, who)
  }

  release(who: H): void {
    for (const [id, holder] of this.#alone) if (holder === who) this.#alone.delete(id)
    for (const holders of this.#shared.values()) holders.delete(who)
  }

  holders(): readonly H[] {
    return [...new Set([...this.#alone.values(), ...[...this.#shared.values()].flatMap((all) => [...all])])]
  }

  #yield(id: string, holder: H, who: H): void {
    if (holder === who) return
    if (this.#isSilent(holder)) {
      holder.rollBack()
      return
    }
    who.rollBack()
    throw new StoreTrouble(`${id} is locked`)
  }
}
