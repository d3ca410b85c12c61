import type { ProxyState, ToxiproxyControl } from './control.ts'
import { ControlError } from './transport.ts'
import { faultOf, sameToxic } from './wanted.ts'

/** Makes a proxy that does not exist: disabled, then its toxics, then enabled if it shall be: no connection misses a toxic. */
export async function build(control: ToxiproxyControl, wanted: ProxyState, signal: AbortSignal): Promise<void> {
  await control.create(wanted, signal)
  for (const toxic of wanted.toxics) await control.addToxic(wanted.name, toxic, signal)
  if (wanted.enabled) await control.setEnabled(wanted.name, true, signal)
}

/**
 * Brings a proxy to what is wanted with the smallest change. Toxics of faults that are not wanted here are left alone:
 * only whoever put a fault in may take it out.
 */
export async function reconcile(
  control: ToxiproxyControl,
  wanted: ProxyState,
  found: ProxyState | undefined,
  signal: AbortSignal,
): Promise<void> {
  if (found === undefined) return build(control, wanted, signal)
  if (found.listen !== wanted.listen || found.upstream !== wanted.upstream) return rebuild(control, wanted, signal)

  const right = wanted.toxics.filter((toxic) => found.toxics.some((other) => sameToxic(other, toxic)))
  const names = new Set(right.map((toxic) => toxic.name))
  const wrong = found.toxics.filter((toxic) => !names.has(toxic.name) && isOurs(toxic.name, wanted))
  for (const toxic of wrong) await control.removeToxic(wanted.name, toxic.name, signal)
  for (const toxic of wanted.toxics) if (!names.has(toxic.name)) await control.addToxic(wanted.name, toxic, signal)
  if (found.enabled !== wanted.enabled) await control.setEnabled(wanted.name, wanted.enabled, signal)
}

/** Toxics this call may take away: those of the link itself, and those whose name stands among the wanted ones. */
const isOurs = (name: string, wanted: ProxyState) =>
  faultOf(name) === null ? name.startsWith('base.') : wanted.toxics.some((toxic) => toxic.name === name)

/**
 * Replaces a proxy whose control calls hang (known of Toxiproxy: a client that does not read, met by any change of toxics).
 * Its connections are closed. Disabling takes effect even where its reply never comes.
 * @throws ControlError `hung` where not even that is possible: then only a restart of the Toxiproxy helps.
 */
export async function rebuild(control: ToxiproxyControl, wanted: ProxyState, signal: AbortSignal): Promise<void> {
  try {
    await control.setEnabled(wanted.name, false, signal)
  } catch (error) {
    if (ControlError.is(error, 404)) return build(control, wanted, signal)
    if (!ControlError.is(error, 'hung')) throw error
    if (!(await control.isFree(wanted.name, signal)))
      throw new ControlError('hung', `proxy ${wanted.name} can be neither disabled nor removed`, { cause: error })
  }
  await control.remove(wanted.name, signal)
  await build(control, wanted, signal)
}

/** What of the wanted proxy is missing in the found one, as words; null where nothing is. */
export function missing(wanted: ProxyState, found: ProxyState | undefined): string | null {
  if (found === undefined) return `${wanted.name} does not exist`
  if (found.enabled !== wanted.enabled) return `${wanted.name} is ${found.enabled ? 'enabled' : 'disabled'}`
  if (found.listen !== wanted.listen || found.upstream !== wanted.upstream)
    return `${wanted.name} leads from ${found.listen} to ${found.upstream}`
  const toxic = wanted.toxics.find((toxic) => !found.toxics.some((other) => sameToxic(other, toxic)))
  return toxic === undefined ? null : `${wanted.name} lacks ${toxic.name}`
}
