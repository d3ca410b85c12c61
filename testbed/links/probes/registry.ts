import type { ProbedProtocol } from '../paths.ts'
import { openHttp } from './http.ts'
import { openKafka } from './kafka.ts'
import { openMysql } from './mysql.ts'
import type { OpenProbe } from './probe.ts'
import { openRedis } from './redis.ts'
import { openZookeeper } from './zookeeper.ts'

/** The cheapest request of every protocol. */
export const probes: Readonly<Record<ProbedProtocol, OpenProbe>> = {
  mysql: openMysql,
  redis: openRedis,
  kafka: openKafka,
  zookeeper: openZookeeper,
  http: openHttp,
}
