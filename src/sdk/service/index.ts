export { currentTrace, inTrace } from './current-trace.ts'
export { Ending } from './ending.ts'
export type { RunningService, ServiceContext } from './frame.ts'
export { type Answer, type Call, errorAnswer, jsonBody, type Route } from './http.ts'
export { limits as serviceLimits } from './limits.ts'
export { type Counter, type Gauge, type Histogram, latencyBuckets, Metrics } from './metrics.ts'
export {
  type Asker,
  askerOf,
  bodyOf,
  idOf,
  readingTag,
  type TrustingContext,
  writingTag,
} from './request.ts'
export { ReservedIds } from './reserved-ids.ts'
export { type Rounds, runRounds } from './rounds.ts'
export { runService } from './run.ts'
export { countShards, shardEpochs } from './shard-metrics.ts'
