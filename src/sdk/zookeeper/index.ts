export { digestAcl, openAcl } from './acl.ts'
export { ensurePath } from './ensure-path.ts'
export { MultiError, type ZookeeperCode, ZookeeperError } from './errors.ts'
export { Leadership, type LeadershipOptions, type Term } from './leadership.ts'
export { LeasedIds } from './leased-ids.ts'
export type { LevelOptions, NodeWatch } from './level.ts'
export { type MultiOp, op } from './multi.ts'
export { type RegisteringContext, registerService } from './register-service.ts'
export {
  type RegisterOptions,
  Registration,
  register,
  type ServiceInstance,
  watchServices,
} from './registration.ts'
export type { Created } from './requests.ts'
export type {
  Acl,
  CreateOptions,
  RequestOptions,
  Session,
  SessionEvent,
  SessionState,
  Stat,
  Watch,
  WatchEvent,
  ZookeeperOptions,
} from './types.ts'
export { type NodeValue, watchNode } from './watch-node.ts'
export { type Tree, watchTree } from './watch-tree.ts'
export { leaseWriter, WriterLease, type WriterOptions } from './writer-lease.ts'
export { Zookeeper } from './zookeeper.ts'
