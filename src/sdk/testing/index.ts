export { type Answered, type Asked, type TestedService, TestService } from './test-service.ts'
export { ToldTable } from './told-table.ts'
