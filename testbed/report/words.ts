import { type Phrase, phrase } from './phrase.ts'
import type { AlertRule, Times } from './schema.ts'

export const timeWords: Readonly<Record<keyof Times, Phrase>> = {
  t0: phrase('the fault is in force', '故障生效'),
  t1: phrase('a client meets the first bad answer', '客户端首次遇到错误'),
  t2: phrase('the platform notices', '平台发现'),
  t3: phrase('it is decided to switch', '决定切换'),
  t4: phrase('the old owner can write no more', '旧主已不能写入'),
  t5: phrase('the new table is published', '新路由表发布'),
  t6: phrase('the last router acts under it', '最后一个路由器生效'),
  t7: phrase('the new owner answers the first write', '新主首次成功写入'),
  t8: phrase('clients are served as before', '客户端恢复如前'),
}

export const alertWords: Readonly<Record<AlertRule, Phrase>> = {
  errors: phrase('requests fail', '请求失败'),
  slow: phrase('answers are slow', '应答缓慢'),
  lag: phrase('replication is late', '复制滞后'),
  'no-owner': phrase('no zone takes its writes', '无机房接受写入'),
  'two-owners': phrase('two zones take its writes', '两个机房同时写入'),
}

/** `shard 31`, `bj > sh`, `bj`. */
export const subjectWords = (subject: string): Phrase => {
  const shard = /^shard (\d+)$/.exec(subject)?.[1]
  if (shard !== undefined) return phrase(`shard ${shard}`, `分片 ${shard}`)
  const text = subject.replace('>', ' → ')
  return phrase(text, text)
}

/** What a stranger must know to read the page. */
export const glossary: readonly (readonly [term: Phrase, meaning: Phrase])[] = [
  [
    phrase('zone', '机房（zone）'),
    phrase('a data centre that can serve an order from first to last', '能独立完成一笔订单全流程的数据中心'),
  ],
  [
    phrase('shard', '分片（shard）'),
    phrase('the orders of one region; owned by exactly one zone at a time', '一个地区的订单；任一时刻只属于一个机房'),
  ],
  [
    phrase('epoch', '纪元（epoch）'),
    phrase(
      'the number of an ownership; whoever acts under an older one is refused',
      '归属的编号；持旧编号者一律被拒绝',
    ),
  ],
  [
    phrase('RTO', 'RTO'),
    phrase('from the fault until clients are served as before', '从故障到客户端服务恢复如前的时间'),
  ],
  [phrase('RPO', 'RPO'), phrase('acknowledged orders that the new owner does not have', '已确认、但新主没有的订单')],
  [
    phrase('p50, p99', 'p50、p99'),
    phrase(
      'half, and 99 of 100, of the answers came within this time; counted from when a request was meant to begin',
      '一半、以及百分之九十九的应答不超过此时间；从请求计划发出时算起',
    ),
  ],
  [
    phrase('lag', '复制延迟'),
    phrase('how late a change made in one zone is seen in the other', '一地的修改多久后在另一地可见'),
  ],
]

const axes: Readonly<Record<string, Phrase>> = {
  'order-loss': phrase('orders that could not be placed, of the worst five minutes', '最差五分钟内下单失败的比例'),
  'core-flow-down': phrase('longest time in which a zone served less than half', '单个机房成功率低于一半的最长时间'),
  'lost-acknowledged': phrase('acknowledged orders missed', '已确认订单的缺失比例'),
  'wrong-data': phrase('wrong or doubled data, by the claims above', '数据错误或重复（依据上述断言）'),
  stuck: phrase('acknowledged orders that came to no end', '未走到终态的已确认订单比例'),
}

export const axisWords = (name: string): Phrase => axes[name] ?? phrase(name, name)
