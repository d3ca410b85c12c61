export { z } from 'zod'
export * from './model/index.ts'
export * from './routing/index.ts'
export * from './service/index.ts'
