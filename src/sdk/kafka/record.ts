/** A record as services of the business send and read it: text. */
export interface KafkaRecord {
  readonly topic: string
  /** Records of one key keep their order. */
  readonly key: string
  readonly value: string
  readonly headers: Readonly<Record<string, string>>
}
