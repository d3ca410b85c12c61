export { type Candidate, Decider, type Decision, type Rule } from './decide.ts'
export { type Fence, type FenceHit, FenceIndex, nearestFenceKmMax, parseFences } from './fences.ts'
export { type Ground, readGround } from './ground.ts'
export { type SubscriptionContext, type TableStatus, TableSubscription } from './table-subscription.ts'
