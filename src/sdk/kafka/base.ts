import type { Address } from '../model/index.ts'

const timeoutMs = 3_000

/** What every client of a zone's Kafka is told. */
export const base = ({ host, port }: Address, clientId: string) => ({
  clientId,
  bootstrapBrokers: [{ host, port }],
  timeout: timeoutMs,
  connectTimeout: timeoutMs,
})
