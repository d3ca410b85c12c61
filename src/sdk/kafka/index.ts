export { type Consuming, consume } from './consume.ts'
export { KafkaProducer } from './producer.ts'
export type { KafkaRecord } from './record.ts'
