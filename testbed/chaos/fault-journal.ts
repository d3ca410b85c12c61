import { open, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { EzoneError } from '@ezone/sdk/errors'
import { type Fault, type FaultLedger, isOver, ledgerSchema, linksOf } from './fault.ts'

const states: readonly Fault['state'][] = ['asked', 'active', 'ending', 'ended']
/** Faults that are over and still told of. */
const endedKept = 50

/**
 * The faults of a testbed on disk. Every change is on the disk before this returns, so a fault is known to whoever comes
 * after a crash before it can have any effect. Replaced as a whole: a reader finds the old ledger or the new one.
 */
export class FaultJournal {
  readonly #path: string
  #ledger: FaultLedger
  #turn: Promise<void> = Promise.resolve()

  private constructor(path: string, ledger: FaultLedger) {
    this.#path = path
    this.#ledger = ledger
  }

  /**
   * A ledger that cannot be read is put aside and an empty one begun; `damage` says so. Faults that it held are then found
   * by their toxics: see LeaseKeeper.resume.
   */
  static async open(path: string): Promise<{ readonly journal: FaultJournal; readonly damage: string | null }> {
    const empty: FaultLedger = { format: 2, lastId: 0, faults: [] }
    const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null
      throw error
    })
    if (text === null) return { journal: new FaultJournal(path, empty), damage: null }
    const ledger = parseFaults(text)
    if (ledger !== null) return { journal: new FaultJournal(path, ledger), damage: null }
    await rename(path, `${path}.unreadable`)
    return { journal: new FaultJournal(path, empty), damage: `${path} could not be read and was put aside` }
  }

  get faults(): readonly Fault[] {
    return this.#ledger.faults
  }

  /** Faults that are not over. */
  get open(): readonly Fault[] {
    return this.faults.filter((fault) => !isOver(fault))
  }

  /** Faults that shall have their effect now: all, or those on any of these links. */
  inForce(links: readonly string[] | null): readonly Fault[] {
    const meant = (fault: Fault) => links === null || linksOf(fault).some((link) => links.includes(link))
    return this.faults.filter((fault) => meant(fault) && (fault.state === 'asked' || fault.state === 'active'))
  }

  get(id: string): Fault {
    const fault = this.faults.find((other) => other.id === id)
    if (fault === undefined) throw new TypeError(`there is no fault ${id}`)
    return fault
  }

  /** Changes a fault. States only move forward: `active` does not undo `ending`, nothing undoes `ended`. */
  async patch(id: string, change: Partial<Fault>): Promise<Fault> {
    const fault = this.get(id)
    const wanted = change.state ?? fault.state
    const state = states.indexOf(wanted) > states.indexOf(fault.state) ? wanted : fault.state
    const changed: Fault = { ...fault, ...change, state }
    await this.put(changed)
    return changed
  }

  /** Ids are never given twice in the life of a ledger. */
  nextId(): string {
    return `f${this.#ledger.lastId + 1}`
  }

  /** Writes a new fault, or the new state of one that is there. */
  put(fault: Fault): Promise<void> {
    const others = this.#ledger.faults.filter((other) => other.id !== fault.id)
    const number = Number(fault.id.slice(1)) || 0
    const faults = [...others, fault].sort((a, b) => a.askedAtMs - b.askedAtMs)
    const ended = faults.filter(isOver).slice(0, -endedKept)
    this.#ledger = {
      format: 2,
      lastId: Math.max(this.#ledger.lastId, number),
      faults: faults.filter((other) => !ended.includes(other)),
    }
    const mine = this.#turn.then(() => this.#write(this.#ledger))
    this.#turn = mine.catch(() => undefined)
    return mine
  }

  async #write(ledger: FaultLedger): Promise<void> {
    const half = `${this.#path}.new`
    try {
      {
        await using file = await open(half, 'w', 0o600)
        await file.writeFile(`${JSON.stringify(ledger, null, 2)}\n`)
        await file.sync()
      }
      await rename(half, this.#path)
      // The new name is on the disk only once its folder is.
      await using folder = await open(dirname(this.#path), 'r')
      await folder.sync()
    } catch (cause) {
      const { code, message } = cause as NodeJS.ErrnoException
      const full = code === 'ENOSPC' || code === 'EDQUOT'
      throw new EzoneError(full ? 'EZ_NO_DISK' : 'EZ_STATE_UNREADABLE', `${this.#path} cannot be written: ${message}`, {
        cause,
      })
    }
  }
}

export function parseFaults(text: string): FaultLedger | null {
  try {
    return ledgerSchema.parse(JSON.parse(text))
  } catch {
    return null
  }
}
