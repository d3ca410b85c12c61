export type { GlobalTx, SqlRow, SqlValue, Tx, WriteClaim } from './types.ts'
