import { runService } from '@ezone/sdk'
import { startOrders } from './orders.ts'

await runService(startOrders)
