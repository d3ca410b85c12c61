import { EzoneError } from '@ezone/sdk/errors'
import type { Clock } from '@ezone/sdk/model'
import type { CredentialsOf } from '../links/measure.ts'
import { answering, PathProbe, patienceMs, silenceMs } from '../links/path-probe.ts'
import type { Path } from '../links/paths.ts'
import type { Observed, Runtime } from '../runtimes/runtime.ts'
import { untilReady } from '../session/ready.ts'
import { startSome } from '../session/start-some.ts'
import type { Testbed } from '../session/testbed.ts'
import { type ServiceSpec, specOf } from '../topology/blueprint.ts'
import type { Act, Look } from './act.ts'
import { skewOf } from './clock-of.ts'
import { type Fault, type FaultPlan, type Proof, pathKey, type SpecChange, specsOf } from './fault.ts'

export interface SpecActsOptions {
  readonly testbed: Pick<Testbed, 'blueprint' | 'credentials'>
  /** Sees and stops. */
  readonly observer: Runtime
  /** Starts too; made when it is needed. */
  readonly runtime: (signal: AbortSignal) => Promise<Runtime>
  readonly paths: readonly Path[]
  readonly credentialsOf: CredentialsOf
  readonly clock: Clock
  readonly supervision: {
    /** Told before processes are ended: a death on purpose is no finding. */
    expectEnd(specIds: readonly string[]): void
    /** Told after they were started again. */
    look(): Promise<void>
    /** Told once they were shown to serve again. */
    proved(specIds: readonly string[]): Promise<void>
  }
}

/** After a start: a whole zone at once takes its time. */
const readyMs = 60_000
const backMs = 20_000
const serviceGraceMs = 5_000
const clockReadyMs = 60_000
/** How far a clock may be from where it was put. */
const clockToleranceMs = 100

/** Changes of processes: shown by what the kernel says of them, and by the doors they answer at. */
export class SpecActs implements Act {
  readonly #options: SpecActsOptions

  constructor(options: SpecActsOptions) {
    this.#options = options
  }

  /** @throws EZ_TARGET_DEAD where one of them does not run */
  async check(plan: FaultPlan, signal: AbortSignal): Promise<void> {
    const running = await this.#running(signal)
    const dead = specsOf({ plan }).filter((id) => !running.has(id))
    if (dead.length > 0)
      throw new EzoneError('EZ_TARGET_DEAD', `nothing can be done to what does not run: ${dead.join(', ')}`)
  }

  look(plan: FaultPlan): Look {
    const probes = this.#doors(specsOf({ plan })).map((path) => new PathProbe(path, this.#options.credentialsOf))
    const longest = (ms: (path: Path) => number) => Math.max(0, ...probes.map(({ path }) => ms(path)))
    return {
      before: async (signal) => (await answering(probes, longest(patienceMs), signal)).map(({ path }) => pathKey(path)),
      effect: async (fault, _hidden, signal) => {
        if (isSkew(plan)) return this.#clocks(plan, signal)
        const wrong = await this.#asWanted(plan.specs, signal)
        const asked = probes.filter(({ path }) => fault.baseline.includes(pathKey(path)))
        const answered = await answering(asked, longest(silenceMs), signal)
        return shown(plan, [...wrong, ...answered.map(({ path }) => pathKey(path))])
      },
      [Symbol.asyncDispose]: async () => {
        await Promise.all(probes.map((probe) => probe[Symbol.asyncDispose]()))
      },
    }
  }

  async begin(fault: Fault, signal: AbortSignal): Promise<{ readonly skewMs: number }> {
    const { observer, supervision } = this.#options
    const ids = specsOf(fault)
    if (isSkew(fault.plan)) return this.#restartAll(fault.plan.specs, signal)
    supervision.expectEnd(ids)
    const pauses = fault.plan.specs.every(({ how }) => how === 'pause')
    const skewMs = await observer.signal(ids, pauses ? 'SIGSTOP' : 'SIGKILL', signal)
    // Gone only when the kernel has taken all of it away: ports are free then.
    if (!pauses) await Promise.all(ids.map((id) => observer.stop(id, { graceMs: 0, signal })))
    return { skewMs }
  }

  settle(): void {}

  async end(fault: Fault, restore: boolean, signal: AbortSignal): Promise<void> {
    const { observer, clock, testbed, supervision } = this.#options
    await observer.signal(specsOf(fault), 'SIGCONT', signal)
    if (!restore) return
    if (isSkew(fault.plan))
      await this.#restartAll(
        fault.plan.specs.map((change) => ({ ...change, offsetMs: 0 })),
        signal,
      )
    else {
      const runtime = await this.#options.runtime(signal)
      await startSome(testbed, specsOf(fault), { runtime, clock, awaitReady: false, signal })
    }
    await supervision.look()
  }

  async removal(fault: Fault, hidden: boolean, signal: AbortSignal): Promise<Proof> {
    const running = await this.#running(signal)
    const ids = specsOf(fault)
    const dead = ids.filter((id) => !running.has(id))
    const wrong = [...dead, ...(await this.#stopped(ids.flatMap((id) => running.get(id) ?? [])))]
    if (hidden) return { ...shown(fault.plan, wrong), by: 'reading' }
    if (isSkew(fault.plan)) {
      const right = fault.plan.specs.map((change) => ({ ...change, offsetMs: 0 }))
      wrong.push(...(await this.#clocks({ links: [], specs: right }, signal)).against)
    }
    if (wrong.length === 0)
      await this.#awaitReady(
        [...running.values()].filter((o) => ids.includes(o.specId)),
        signal,
      )
    const proof = shown(fault.plan, [...wrong, ...(await this.#silent(fault, signal))])
    if (proof.proven) await this.#options.supervision.proved(ids)
    return proof
  }

  /** What serves again shall be waited for; what did not serve before need not. Doors tell the difference. */
  async #awaitReady(started: readonly Observed[], signal: AbortSignal): Promise<void> {
    const { testbed, observer } = this.#options
    const ready = started.map(async (one) => {
      const spec = specOf(testbed.blueprint, one.specId)
      if (spec) await untilReady(one, spec, { runtime: observer, testbed, signal, deadlineMs: readyMs })
    })
    await Promise.allSettled(ready)
    signal.throwIfAborted()
  }

  /** Doors that answered before and do not answer again. */
  async #silent(fault: Fault, signal: AbortSignal): Promise<readonly string[]> {
    const doors = this.#doors(specsOf(fault)).filter((path) => fault.baseline.includes(pathKey(path)))
    const probes = doors.map((path) => new PathProbe(path, this.#options.credentialsOf))
    try {
      const answered = await answering(probes, backMs, signal)
      return probes.filter((probe) => !answered.includes(probe)).map(({ path }) => pathKey(path))
    } finally {
      await Promise.all(probes.map((probe) => probe[Symbol.asyncDispose]()))
    }
  }

  /** Ids that are not as the change makes them, as the kernel shows it. */
  async #asWanted(changes: readonly SpecChange[], signal: AbortSignal): Promise<readonly string[]> {
    const running = await this.#running(signal)
    const wrong = await Promise.all(
      changes.map(async ({ spec, how }) => {
        const observed = running.get(spec)
        if (how !== 'pause') return observed !== undefined
        return observed === undefined || !(await this.#options.observer.isStopped(observed))
      }),
    )
    return changes.filter((_, index) => wrong[index]).map(({ spec }) => spec)
  }

  async #stopped(observed: readonly Observed[]): Promise<readonly string[]> {
    const stopped = await Promise.all(observed.map((one) => this.#options.observer.isStopped(one)))
    return observed.filter((_, index) => stopped[index]).map(({ specId }) => specId)
  }

  async #running(signal: AbortSignal): Promise<ReadonlyMap<string, Observed>> {
    const observed = await this.#options.observer.observe(signal)
    return new Map(observed.filter((o) => o.running).map((o) => [o.specId, o]))
  }

  /** Starts services anew with a clock of their own, politely: a clock that is wrong is no crash. */
  async #restartAll(changes: readonly SpecChange[], signal: AbortSignal): Promise<{ readonly skewMs: number }> {
    const { clock, testbed, supervision } = this.#options
    const runtime = await this.#options.runtime(signal)
    supervision.expectEnd(changes.map(({ spec }) => spec))
    const doneMs = await Promise.all(
      changes.map(async ({ spec: id, offsetMs }) => {
        const plain = specOf(testbed.blueprint, id) as ServiceSpec
        const spec: ServiceSpec = offsetMs === 0 ? plain : { ...plain, clockOffsetMs: offsetMs }
        // One that an earlier agent started so is left alone.
        const there = (await this.#running(signal)).get(id)
        if (there?.launchHash !== runtime.hashOf(spec)) {
          await runtime.stop(id, { graceMs: serviceGraceMs, signal })
          const started = await runtime.start(spec, signal)
          await untilReady(started, spec, { runtime, testbed, signal, deadlineMs: clockReadyMs })
        }
        return clock.monotonicMs()
      }),
    )
    await supervision.look()
    return { skewMs: Math.max(...doneMs) - Math.min(...doneMs) }
  }

  /** What the services themselves say what time it is. */
  async #clocks({ specs }: FaultPlan, signal: AbortSignal): Promise<Proof> {
    const { clock, testbed } = this.#options
    const wrong = await Promise.all(
      specs.map(async ({ spec, offsetMs }) => {
        const address = specOf(testbed.blueprint, spec)?.ports[0]?.host
        const read = address === undefined ? null : await skewOf(address, clock, signal)
        return read !== null && Math.abs(read.skewMs - offsetMs) <= clockToleranceMs + read.withinMs ? [] : [spec]
      }),
    )
    return shown({ specs }, wrong.flat())
  }

  #doors = (ids: readonly string[]) =>
    this.#options.paths.filter((path) => path.link === null && ids.includes(path.target))
}

const isSkew = ({ specs }: FaultPlan): boolean => specs.some(({ how }) => how === 'skew')

const shown = ({ specs }: Pick<FaultPlan, 'specs'>, against: readonly string[]): Proof => ({
  proven: specs.length > 0 && against.length === 0,
  samples: specs.length,
  by: 'processes',
  against: [...new Set(against)],
})
