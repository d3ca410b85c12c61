import { runService } from '@ezone/sdk'
import { startOrders } from './service.ts'

await runService(startOrders)
