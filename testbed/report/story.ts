import { claimWords } from './claim-words.ts'
import { faultSentence } from './fault-words.ts'
import { outagesOf } from './outage.ts'
import { atText, countText, msText, type Phrase, percentText, phrase } from './phrase.ts'
import type { Report } from './schema.ts'

/** The first words of every report. */
export const verdictWord: Readonly<Record<Report['verdict'], Phrase>> = {
  valid: phrase('PASS', '通过'),
  invalid: phrase('FAIL', '未通过'),
  unknown: phrase('UNKNOWN', '无法判定'),
}

/** Why it is so, in one sentence. */
export function verdictSentence(report: Report): Phrase {
  const { claims } = report
  const of = (verdict: Report['verdict']) => claims.filter((claim) => claim.verdict === verdict)
  const [failed, unknown] = [of('invalid'), of('unknown')]
  const [broken, open] = [failed[0], unknown[0]]
  if (report.verdict === 'invalid')
    return broken === undefined
      ? phrase(
          `All ${claims.length} claims held, but what clients met was worse than this drill allows.`,
          `${claims.length} 项断言全部成立，但客户端受到的影响超出了本次演练允许的范围。`,
        )
      : phrase(
          `${failed.length} of ${claims.length} claims did not hold. The first: ${broken.statement}`,
          `${claims.length} 项断言中有 ${failed.length} 项不成立。第一项：${claimWords(broken.name, broken.statement).zh}`,
        )
  if (report.verdict === 'unknown')
    return report.interrupted
      ? phrase('The run was broken off before it could be judged.', '运行中断，无法作出判定。')
      : phrase(
          `Nothing was shown to be wrong, but ${unknown.length} of ${claims.length} claims could not be judged${open?.why ? `: ${open.why}` : ''}`,
          `没有发现错误，但 ${claims.length} 项断言中有 ${unknown.length} 项无法判定${open?.why ? `：${open.why}` : ''}`,
        )
  return phrase(
    `The hypothesis held: all ${claims.length} claims about the data are true, and clients met no more than is allowed.`,
    `假设成立：关于数据的 ${claims.length} 项断言全部成立，客户端所受影响在允许范围之内。`,
  )
}

/** More than these are listed further below. */
const faultsTold = 6
const moreFaults = (count: number) =>
  phrase(`And ${countText(count)} more faults.`, `另有 ${countText(count)} 个故障。`)

const nothingDone = phrase('Nothing was broken and nothing was moved.', '没有注入故障，也没有切换。')

/** What was done to the testbed. */
export function whatWasDone(report: Report): readonly Phrase[] {
  const { operations, durationMs, zones } = report
  return [
    phrase(
      `Clients sent ${countText(operations.sent)} operations on orders to ${zones.join(' and ')} in ${atText(durationMs)}.`,
      `客户端在 ${atText(durationMs)} 内向 ${zones.join('、')} 发出 ${countText(operations.sent)} 次订单操作。`,
    ),
    ...report.faults.slice(0, faultsTold).map(faultSentence),
    ...(report.faults.length > faultsTold ? [moreFaults(report.faults.length - faultsTold)] : []),
    ...movesOf(report),
    ...(report.faults.length + report.switches.length === 0 ? [nothingDone] : []),
  ]
}

/** Which shards went where, read from the table itself and not from what a controller intended. */
function movesOf({ ownership }: Report): readonly Phrase[] {
  const moves = ownership.flatMap(({ shard, spans }) =>
    spans.flatMap((span, index) => {
      const before = spans[index - 1]
      return before === undefined || before.zone === span.zone
        ? []
        : [{ shard, from: before.zone, to: span.zone, atMs: span.fromMs }]
    }),
  )
  return [...Map.groupBy(moves, ({ from, to }) => `${from}>${to}`).values()].map((group) => {
    const times = group.map(({ atMs }) => atMs)
    const [first, last] = [Math.min(...times), Math.max(...times)]
    const { from = '', to = '' } = group[0] ?? {}
    const shards = new Set(group.map(({ shard }) => shard)).size
    const span = last - first < 100 ? atText(first) : `${atText(first)} – ${atText(last)}`
    return phrase(
      `${shards} ${shards === 1 ? 'shard' : 'shards'} moved from ${from} to ${to} (${span}).`,
      `${shards} 个分片从 ${from} 移至 ${to}（${span}）。`,
    )
  })
}

/** What clients noticed of it, zone by zone. */
export function whatBroke(report: Report): readonly Phrase[] {
  return outagesOf(report)
    .filter(({ sent }) => sent > 0)
    .map((outage) => {
      const share = outage.okShare ?? 0
      const slow = phrase(
        `slowest answers (p99) ${msText(outage.p99BeforeMs)} before, ${msText(outage.p99WorstMs)} at worst`,
        `最慢应答（p99）平时 ${msText(outage.p99BeforeMs)}，最差 ${msText(outage.p99WorstMs)}`,
      )
      if (outage.fromMs === null)
        return phrase(
          `${outage.zone}: ${percentText(share)} of ${countText(outage.sent)} went well, never less than 9 of 10; ${slow.en}.`,
          `${outage.zone}：${countText(outage.sent)} 次中 ${percentText(share)} 成功，始终不低于九成；${slow.zh}。`,
        )
      return phrase(
        `${outage.zone}: ${percentText(share)} of ${countText(outage.sent)} went well. Between ${atText(outage.fromMs)} and ${atText(outage.toMs)} it fell to ${percentText(outage.worst ?? 0)}; ${slow.en}.`,
        `${outage.zone}：${countText(outage.sent)} 次中 ${percentText(share)} 成功。${atText(outage.fromMs)} 至 ${atText(outage.toMs)} 之间最低降到 ${percentText(outage.worst ?? 0)}；${slow.zh}。`,
      )
    })
}

/** What is gone, and for how long it was not there. */
export function whatItCost(report: Report): readonly Phrase[] {
  const locked = report.lockedOrders.count
  return [
    lossOf(report),
    ...(report.rtoMs === null ? [] : [backAfter(report)]),
    ...(locked === 0
      ? []
      : [
          phrase(
            `${locked} ${locked === 1 ? 'order is' : 'orders are'} still locked because two zones changed ${locked === 1 ? 'it' : 'them'}; a person has to look.`,
            `${locked} 笔订单因两地同时修改仍被锁定，需人工处理。`,
          ),
        ]),
  ]
}

const orders = (count: number) => `${countText(count)} acknowledged ${count === 1 ? 'order' : 'orders'}`

function lossOf({ rpo, rpoOrders, acknowledged, verdict }: Report): Phrase {
  const some = (ids: readonly string[], between: string) =>
    `${ids.slice(0, 3).join(between)}${ids.length > 3 ? ', …' : ''}`
  const of =
    acknowledged === null
      ? phrase('', '')
      : phrase(` of ${countText(acknowledged)}`, `（共 ${countText(acknowledged)} 笔）`)
  if (rpo.forGood.length > 0)
    return phrase(
      `${orders(rpo.forGood.length)}${of.en} lost for good: ${some(rpo.forGood, ', ')}.`,
      `${rpo.forGood.length} 笔已向客户确认的订单${of.zh}永久丢失：${some(rpo.forGood, '、')}。`,
    )
  if (rpoOrders.length > 0)
    return phrase(
      `${orders(rpoOrders.length)}${of.en} missing after the takeover: ${some(rpoOrders, ', ')}. None is missing at the end.`,
      `接管后一度找不到 ${rpoOrders.length} 笔已确认的订单${of.zh}：${some(rpoOrders, '、')}。最终无一缺失。`,
    )
  if (verdict === 'unknown')
    return phrase('No lost order was found, as far as could be looked.', '在可检查的范围内，没有发现丢失的订单。')
  const all = acknowledged === null ? 'orders' : `${countText(acknowledged)} orders`
  return phrase(
    `None of the ${all} that clients were told are placed was lost.`,
    `凡已向客户确认的订单${of.zh}，一单未丢。`,
  )
}

function backAfter({ rtoMs, allowed, faults }: Report): Phrase {
  const limit =
    allowed.rtoMs === null
      ? phrase('', '')
      : phrase(`; ${msText(allowed.rtoMs)} allowed`, `；允许 ${msText(allowed.rtoMs)}`)
  const since = faults.length > 0 ? phrase('the fault', '故障') : phrase('the switch began', '切换开始')
  return rtoMs === 0
    ? phrase('Orders of every shard were served throughout (RTO 0).', '各分片的订单服务始终未中断（RTO 0）。')
    : phrase(
        `Service was as before ${msText(rtoMs)} after ${since.en} (RTO${limit.en}).`,
        `${since.zh}后 ${msText(rtoMs)} 服务恢复如前（RTO${limit.zh}）。`,
      )
}
