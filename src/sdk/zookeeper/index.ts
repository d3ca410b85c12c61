export { digestAcl, openAcl } from './acl.ts'
export { MultiError, type ZookeeperCode, ZookeeperError } from './errors.ts'
export { type MultiOp, op } from './multi.ts'
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
export { Zookeeper } from './zookeeper.ts'
