import { type Phrase, phrase, same } from './phrase.ts'

/** What the checks claim, for readers of Chinese. In English each check says it itself. */
const chinese: Readonly<Record<string, string>> = {
  'no-acknowledged-order-lost': '已确认的订单，除声明的窗口外一单不丢。',
  'unique-ids': '订单号不重复，且都在签发机房的号段之内。',
  'order-states-monotone': '订单状态只前进，不后退。',
  'one-owner-at-a-time': '任一时刻一个分片只有一个机房接受写入。',
  'stores-converged': '故障解除后，各机房数据库内容一致。',
  'last-writer-respected': '同一行以最后写入者为准，删除不会复活。',
  'registration-linearizable': '每个手机号的注册满足线性一致。',
  'nothing-applied-twice': '没有修改被记录或应用两次。',
  'one-rider-per-order': '一单只派给一名骑手。',
  'lag-honest': '平台自报的复制延迟与实测相符。',
  'epochs-in-time': '各执行点按时切换到新纪元。',
  'orders-terminal': '未锁定的在途订单都走到终态。',
}

export const claimWords = (name: string, statement: string): Phrase => {
  const zh = chinese[name]
  return zh === undefined ? same(statement) : phrase(statement, zh)
}
