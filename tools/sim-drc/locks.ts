import type { Process } from './world.ts'

/** The store broke off: a lock waited for too long, a connection that is gone. Nothing of the transaction is left. */
export class StoreTrouble extends Error {}

/** Somebody else holds a lock; whoever wants it may ask again. */
export class Locked extends Error {}

interface Holder {
  rollBack(): void
}

/** Row locks of a store. Who has to wait asks again and again; of two that wait for each other one gives up first. */
export class Locks<H extends Holder> {
  readonly #alone = new Map<string, H>()
  readonly #shared = new Map<string, Set<H>>()
  readonly #isSilent: (holder: H) => boolean

  /** @param isSilent whether a holder has lost its connection for saying nothing */
  constructor(isSilent: (holder: H) => boolean) {
    this.#isSilent = isSilent
  }

  /** For a row that is written. @throws Locked */
  alone(id: string, who: H): void {
    this.share(id, who)
    for (const other of this.#shared.get(id) ?? []) this.#giveWay(id, other, who)
    this.#alone.set(id, who)
  }

  /** For a row that is read, or a gap where none may come to be. @throws Locked */
  share(id: string, who: H): void {
    this.probe(id, who)
    const holders = this.#shared.get(id) ?? new Set<H>()
    this.#shared.set(id, holders.add(who))
  }

  /** A locking read of what is not there: it waits for whoever is about to write it, and locks nothing. @throws Locked */
  probe(id: string, who: H): void {
    const holder = this.#alone.get(id)
    if (holder !== undefined) this.#giveWay(id, holder, who)
  }

  release(who: H): void {
    for (const [id, holder] of this.#alone) if (holder === who) this.#alone.delete(id)
    for (const holders of this.#shared.values()) holders.delete(who)
  }

  holders(): readonly H[] {
    return [...new Set([...this.#alone.values(), ...[...this.#shared.values()].flatMap((all) => [...all])])]
  }

  #giveWay(id: string, holder: H, who: H): void {
    if (holder === who) return
    if (this.#isSilent(holder)) {
      holder.rollBack()
      return
    }
    throw new Locked(`${id} is locked`)
  }
}

/** Does what may have to wait for a lock. @throws StoreTrouble after `innodb_lock_wait_timeout`; nothing is left then */
export async function patiently<T>(process: Process, open: Holder, step: () => T): Promise<T> {
  for (let waitedMs = 0; ; waitedMs += everyMs) {
    try {
      return step()
    } catch (error) {
      if (!(error instanceof Locked)) throw error
      if (waitedMs >= waitMsMax) {
        open.rollBack()
        throw new StoreTrouble(error.message)
      }
    }
    await process.wait(everyMs / 2, everyMs)
  }
}

const waitMsMax = 40
const everyMs = 2
