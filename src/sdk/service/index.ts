export { type Answer, type Call, errorAnswer, jsonBody, type Route } from './http.ts'
export { limits as serviceLimits } from './limits.ts'
export { ReservedIds } from './reserved-ids.ts'
export { type RunningService, runService, type ServiceContext } from './run.ts'
