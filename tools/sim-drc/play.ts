import { EzoneError } from '@ezone/sdk/model'
import { Applier, type Step } from '../../src/drc/core/applier.ts'
import { relay } from '../../src/drc/core/relay.ts'
import { SimLogReader, SimTargetStore } from './applying.ts'
import type { Bug } from './bugs.ts'
import { Client, type OwnWrite } from './client.ts'
import { Ground, shapes, short, type Zone } from './ground.ts'
import { SimCapture, SimLogWriter } from './relaying.ts'
import { applierOf, relayOf, type Script, type Trouble, troubledMs } from './script.ts'
import { lockSuspects } from './suspects.ts'
import { Process } from './world.ts'

/** After the trouble is over everything has to be at rest within so long. */
const quietMsMax = 30_000
/** And then stay so. */
const restMs = 300

export interface Played {
  readonly ground: Ground
  readonly writes: readonly OwnWrite[]
  /** Every time a role said that it cannot go on: code and message. */
  readonly stops: readonly string[]
  readonly quiet: boolean
  /** When what happened, in words, for the story of a failure. */
  readonly lines: readonly { readonly atMs: number; readonly text: string }[]
}

/** Plays a script to its end: the real decisions of relay and applier, in surroundings made of nothing but the seed. */
export async function play(script: Script, bug?: Bug): Promise<Played> {
  const stage = new Stage(script, bug)
  stage.open()
  await stage.ground.world.run(troubledMs)
  stage.heal()
  await stage.ground.world.run(troubledMs + quietMsMax, () => stage.isQuiet() || stage.runsAway())
  if (stage.isQuiet()) await stage.ground.world.run(stage.ground.world.nowMs + restMs)
  stage.close()
  return { ground: stage.ground, writes: stage.writes, stops: stage.stops, quiet: stage.isQuiet(), lines: stage.lines }
}

interface Lane {
  readonly source: Zone
  readonly target: Zone
  readonly store: SimTargetStore
  readonly process: Process
}

class Stage {
  readonly ground: Ground
  readonly writes: OwnWrite[] = []
  readonly stops: string[] = []
  readonly lines: { readonly atMs: number; readonly text: string }[] = []
  readonly #script: Script
  /** The living one of each role; paused ones that were given up live on beside it. */
  readonly #parties = new Map<string, { readonly process: Process; readonly close: () => void }>()
  readonly #processes: Process[] = []
  /** By name, so that one who is not born changes nothing for others: what is left out of a script is all that differs. */
  readonly #born = new Map<string, number>()
  #clients = 0

  constructor(script: Script, bug: Bug | undefined) {
    this.#script = script
    this.ground = new Ground(script.seed, script.skewsMs, bug)
  }

  open(): void {
    const { world, zones } = this.ground
    for (const zone of zones) {
      this.#start(relayOf(zone.name))
      for (const source of zones) if (source !== zone) this.#start(applierOf(source.name, zone.name))
    }
    for (const write of this.#script.writes)
      world.at(write.atMs, () => {
        const zone = this.ground.zone(write.zone)
        const process = this.#process(`client ${write.zone} ${write.atMs}`)
        this.#clients++
        void new Client(this.ground, zone, process).run(write).then((made) => {
          this.#clients--
          this.#made(zone, made)
        })
      })
    for (const trouble of this.#script.troubles) world.at(trouble.atMs, () => this.#befall(trouble))
  }

  heal(): void {
    this.ground.heal()
    this.tell('everything heals')
  }

  close(): void {
    for (const process of this.#processes) process.kill()
  }

  /** Everything that was made is in its log, and everything that is in a log is applied everywhere. */
  isQuiet(): boolean {
    const { zones } = this.ground
    if (this.#clients > 0) return false
    if (zones.some(({ store }) => store.takenEpoch > 0 && store.conflicts.some((c) => c.lock && !store.struck.has(c))))
      return false
    return zones.every((zone) =>
      zones.every(
        (target) => target === zone || target.store.positions.get(zone.name) === (zone.store.lastOwn || undefined),
      ),
    )
  }

  /** Far more is logged than was ever asked for: it will not end by itself. */
  runsAway(): boolean {
    const asked = this.#script.writes.length
    return this.ground.zones.some(({ store }) => store.lastOwn > 3 * asked + 50)
  }

  tell(text: string): void {
    this.lines.push({ atMs: this.ground.world.nowMs, text })
  }

  #process(name: string): Process {
    const born = (this.#born.get(name) ?? 0) + 1
    this.#born.set(name, born)
    const process = new Process(this.ground.world, `${name} ${born}`)
    this.#processes.push(process)
    return process
  }

  #start(party: string): void {
    const process = this.#process(party)
    const names = this.ground.zones.map((zone) => zone.name)
    const of = names.find((name) => relayOf(name) === party)
    if (of !== undefined) {
      this.#parties.set(party, { process, close: () => {} })
      void this.#relay(this.ground.zone(of), process)
      return
    }
    const [source, target] = names
      .flatMap((from) => names.map((to) => [from, to] as const))
      .find(([from, to]) => applierOf(from, to) === party) as readonly [string, string]
    const store = new SimTargetStore(this.ground, this.ground.zone(target), process)
    this.#parties.set(party, { process, close: () => store.close() })
    void this.#apply({ source: this.ground.zone(source), target: this.ground.zone(target), store, process })
  }

  async #relay(zone: Zone, process: Process): Promise<void> {
    const never = new AbortController().signal
    for (;;) {
      const capture = new SimCapture(this.ground, zone, process)
      const log = new SimLogWriter(this.ground, zone, process)
      await relay({ zone: zone.name, capture, log, bytesMax: 1_100 }, never).catch((error) => this.#note(error))
      await process.wait(5, 40)
    }
  }

  /** As src/drc/roles/applier-role.ts: where the position leads to, then once from the start, before that is believed. */
  async #apply(lane: Lane): Promise<void> {
    await this.#applyFrom(lane, false)
    for (;;) await this.#applyFrom(lane, true)
  }

  /** Ends at a gap, or where nothing is left of what the position led to. */
  async #applyFrom({ source, target, store, process }: Lane, fromStart: boolean): Promise<void> {
    const never = new AbortController().signal
    const { bug } = this.ground
    const log = new SimLogReader(this.ground, { source, target }, process, fromStart)
    const applier = new Applier({ source: source.name, shapes, log, store, rowsMax: 6 })
    let suspects = bug !== 'lock-lost'
    for (;;) {
      try {
        if (suspects) {
          const committed = (write: OwnWrite) => this.#made(target, [write])
          await lockSuspects(this.ground, { zone: target, process, committed })
          suspects = target.store.conflicts.some((noted) => noted.lock && !target.store.struck.has(noted))
        }
        const step = await applier.step(never)
        suspects ||= step.conflicts.some(({ lock }) => lock)
        this.#tellStep(target, source, step)
        if (!fromStart && step.applied.length === 0 && log.quiet) return
      } catch (error) {
        suspects = bug !== 'lock-lost'
        const isGap = EzoneError.is(error, 'EZ_DRC_GAP')
        if (isGap && !fromStart) return
        this.#note(error)
        await process.wait(5, 40)
        if (isGap) return
      }
    }
  }

  #tellStep(target: Zone, source: Zone, { applied, conflicts }: Step): void {
    for (const { gno, rows } of applied) {
      const what = rows.map(({ op, after, before, ver }) => `${op} ${(after ?? before)?.id} ${short(BigInt(ver))}`)
      this.tell(
        `${target.name} has applied transaction ${gno} of ${source.name}${what.length > 0 ? ': ' : ''}${what.join(', ')}`,
      )
    }
    for (const { pk, loserVer, winnerVer, lock } of conflicts)
      this.tell(
        `${target.name} notes that ${short(loserVer)} of ${pk} lost to ${short(winnerVer)}${lock ? ', and locks it' : ''}`,
      )
  }

  #made(zone: Zone, made: readonly OwnWrite[]): void {
    this.writes.push(...made)
    for (const { op, key, ver, image } of made)
      this.tell(`${zone.name} ${image?.locked === 1 ? 'lock' : op}s ${key}, version ${short(ver)}`)
  }

  #note(error: unknown): undefined {
    if (EzoneError.is(error)) this.stops.push(`${error.code}: ${error.message}`)
    else if (!(error instanceof Error)) throw error
  }

  /** It goes on where it was, as if nothing had happened, until it learns that another one leads. */
  #pause(
    process: Process,
    { close, forMs }: { readonly close: (() => void) | undefined; readonly forMs: number },
  ): void {
    const { world } = this.ground
    const wakesMs = world.nowMs + forMs
    process.pause(wakesMs)
    world.at(wakesMs + 100 * process.chance(), () => {
      process.kill()
      close?.()
    })
  }

  #befall(trouble: Trouble): void {
    const { world } = this.ground
    switch (trouble.kind) {
      case 'kill':
      case 'pause': {
        const { process, close } = this.#parties.get(trouble.party) ?? {}
        if (trouble.kind === 'kill') {
          process?.kill()
          close?.()
        } else if (process) this.#pause(process, { close, forMs: trouble.forMs })
        this.tell(`the ${trouble.party} is ${trouble.kind}ed; another one takes over`)
        world.at(world.nowMs + trouble.forMs / 4, () => this.#start(trouble.party))
        return
      }
      case 'cut':
        this.ground.cut(trouble.from, trouble.to, world.nowMs + trouble.forMs)
        this.tell(`the link from ${trouble.from} to ${trouble.to} is cut for ${trouble.forMs} ms`)
        return
      case 'clock':
        this.ground.zone(trouble.zone).skewMs += trouble.byMs
        this.tell(`the clock of ${trouble.zone} jumps by ${trouble.byMs} ms`)
        return
      case 'restart':
        this.ground.zone(trouble.zone).store.restart()
        this.tell(`the store of ${trouble.zone} restarts`)
        return
      case 'broker':
        this.ground.loseRecords(this.ground.zone(trouble.zone), trouble.loses)
        this.tell(`the broker of ${trouble.zone} loses its power, and its newest ${trouble.loses} records`)
        return
      case 'takeover':
        this.ground.takeOver(this.ground.zone(trouble.zone))
        this.tell(`${trouble.zone} takes the shard over, epoch ${this.ground.epoch}`)
    }
  }
}
