import type { ServiceContext } from '@ezone/sdk'
import type { Address, MysqlAccess } from '@ezone/sdk/model'
import type { RoleStatus } from './role-status.ts'

/** What a role stands on. */
export interface RoleContext extends Pick<ServiceContext, 'config' | 'clock' | 'log'> {
  /** This zone. */
  readonly zone: string
  readonly mysql: MysqlAccess
  /** The Kafka whose change log it writes, or reads. */
  readonly kafka: Address
  readonly status: RoleStatus
}
