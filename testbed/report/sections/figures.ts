import { countText, msText, type Phrase, phrase } from '../phrase.ts'
import type { Report } from '../schema.ts'

export const rtoFigure = ({ rtoMs, allowed }: Report): readonly [string, Phrase] => [
  msText(rtoMs),
  allowed.rtoMs === null
    ? phrase('until service was as before (RTO)', '恢复如前用时（RTO）')
    : phrase(
        `until service was as before (RTO); ${msText(allowed.rtoMs)} allowed`,
        `恢复用时（RTO）；允许 ${msText(allowed.rtoMs)}`,
      ),
]

export const rpoFigure = ({ rpoOrders }: Report): readonly [string, Phrase] => [
  countText(rpoOrders.length),
  phrase('acknowledged orders lost (RPO)', '已确认订单丢失（RPO）'),
]
