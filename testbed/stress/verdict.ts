import { EzoneError } from '@ezone/sdk/errors'
import type { StressResult } from './result.ts'

/**
 * The verdict of a load, by all that is known of it: what was short says whether the figures are about the platform, and
 * k6 and whoever counted after it must have seen the same. Pure.
 */
export function judged<T extends Pick<StressResult, Verdictful>>(result: T): T {
  const { steps, limitedBy, k6 } = result
  const ramped = result.profile === 'ramp-to-break'
  const ownLimit = limitedBy === 'machine' || limitedBy === 'generator'
  // A ramp is there to break something; it says nothing only where that was the generator alone, or the first step.
  const rampVerdict = result.highestQps === null || limitedBy === 'generator' ? 'void' : 'valid'
  const loadVerdict = result.verdict === 'unknown' && ownLimit ? 'void' : result.verdict
  const own = ramped && steps.length > 0 ? rampVerdict : loadVerdict
  const verdict = own === 'valid' && k6?.agrees === false ? 'unknown' : own
  return { ...result, verdict, highestQps: ramped || verdict === 'valid' ? result.highestQps : null }
}

type Verdictful = 'verdict' | 'profile' | 'steps' | 'limitedBy' | 'k6' | 'highestQps'

type Judged = Omit<StressResult, 'cpuPerHop' | 'faults' | 'seed' | 'forMs'>

/**
 * @throws EZ_STRESS_VOID where the figures are not about the platform, EZ_STRESS_NOT_HELD where it did less than asked,
 * EZ_STRESS_DISAGREES where k6 says something else than its output, EZ_STRESS_TOO_SLOW where a zone missed its threshold
 */
export function requireHeld(result: Judged): void {
  const { verdict, k6, thresholds } = result
  if (verdict === 'void') throw new EzoneError('EZ_STRESS_VOID', voidText(result))
  if (k6?.agrees === false) throw new EzoneError('EZ_STRESS_DISAGREES', disagreement(k6))
  if (verdict === 'unknown')
    throw new EzoneError(
      'EZ_STRESS_NOT_HELD',
      `${heldText(result)}: of ${result.requests} ${result.failed} failed and ${result.unknown} are unknown${limitText(result)}`,
    )
  const missed = thresholds.filter(({ held }) => !held)
  if (missed.length > 0 && result.profile !== 'ramp-to-break')
    throw new EzoneError(
      'EZ_STRESS_TOO_SLOW',
      missed.map(({ zone, p99Ms, p99MsMax }) => `${zone}: p99 ${p99Ms} ms, at most ${p99MsMax}`).join('; '),
    )
}

/** Of a load beside a drill: what fails in it is the drill's to judge. @throws EZ_STRESS_VOID, EZ_STRESS_DISAGREES */
export function requireSound(result: Judged): void {
  if (result.verdict === 'void' || result.k6?.agrees === false) requireHeld(result)
}

function voidText(result: Judged): string {
  const { requests, ok, failed, unknown, dropped, late } = result
  if (ok === 0) return `none of ${requests} requests was answered well`
  const wrong = `${dropped} were dropped, ${late} of ${requests} left late, ${failed} failed, ${unknown} are unknown`
  return `${heldText(result)}: ${wrong}${limitText(result)}`
}

/** The rate that is known to hold says more than what got through of a rate that did not. */
const heldText = ({ askedQps, heldQps, highestQps }: Judged) =>
  highestQps === null
    ? `of ${askedQps} requests/s ${heldQps} held`
    : `of ${askedQps} requests/s ${heldQps} were done; ${highestQps} is the highest rate that held`

const limitText = ({ limitedBy }: Judged) => (limitedBy === null ? '' : `; limited by ${limitedBy}`)

const disagreement = ({ requests, p50Ms, p99Ms, counted }: NonNullable<Judged['k6']>) =>
  `k6 says ${requests} requests, p50 ${p50Ms} ms, p99 ${p99Ms} ms; its output has ${counted.requests}, ${counted.p50Ms} ms, ${counted.p99Ms} ms`
