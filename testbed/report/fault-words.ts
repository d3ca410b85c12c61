import { atText, type Phrase, phrase } from './phrase.ts'
import type { FaultSpan } from './schema.ts'

/** What each kind of fault does to its target, as the end of a sentence that begins with its time. */
const deeds: Readonly<Record<string, (target: string) => Phrase>> = {
  partition: (target) => phrase(`the link ${target} was cut`, `切断链路 ${target}`),
  latency: (target) => phrase(`the link ${target} was slowed`, `链路 ${target} 变慢`),
  bandwidth: (target) => phrase(`the link ${target} was narrowed`, `链路 ${target} 带宽收窄`),
  flapping: (target) => phrase(`the link ${target} came and went`, `链路 ${target} 时断时续`),
  isolate: (target) => phrase(`${target} was isolated from everybody else`, `${target} 与外界隔离`),
  power: (target) =>
    phrase(`all of ${target} was killed at once, as in a power cut`, `${target} 整体断电（全部进程被杀）`),
  kill: (target) => phrase(`${target} was killed`, `${target} 被杀死`),
  pause: (target) => phrase(`${target} was stopped in mid-work`, `${target} 被暂停`),
  restart: (target) => phrase(`${target} was restarted`, `${target} 被重启`),
  'clock-skew': (target) => phrase(`the clock of ${target} was set wrong`, `${target} 的时钟被拨偏`),
}

export const faultDeed = ({ kind, target }: Pick<FaultSpan, 'kind' | 'target'>): Phrase =>
  deeds[kind]?.(target) ?? phrase(`${kind} of ${target}`, `${target}：${kind}`)

/** The whole of a fault in one sentence, with whether anybody proved that it was there, and that it is gone. */
export function faultSentence(fault: FaultSpan): Phrase {
  const deed = faultDeed(fault)
  const begun = fault.inForceMs ?? fault.askedMs
  if (fault.inForceMs === null)
    return phrase(
      `At ${atText(begun)} it was asked that ${deed.en}, but this never came into force.`,
      `${atText(begun)} 要求${deed.zh}，但始终没有生效。`,
    )
  const proven = fault.effectProven === true
  const lasted = fault.endedMs === null ? null : fault.endedMs - fault.inForceMs
  const until =
    lasted === null
      ? phrase(' and stayed so to the end', '，直到结束')
      : phrase(` for ${atText(lasted)}`, `，持续 ${atText(lasted)}`)
  const removal =
    fault.endedMs === null
      ? phrase('', '')
      : fault.removalProven === true
        ? phrase(', its removal too', '，恢复亦经测量证实')
        : phrase(', its removal was not', '，恢复未经证实')
  return phrase(
    `At ${atText(begun)} ${deed.en}${until.en}. The effect was ${proven ? 'proven by measurement' : 'not proven'}${removal.en}.`,
    `${atText(begun)} ${deed.zh}${until.zh}。效果${proven ? '经测量证实' : '未经证实'}${removal.zh}。`,
  )
}
