import { runService } from '@ezone/sdk'
import { startLeaseKeeper } from './lease-keeper.ts'

await runService(startLeaseKeeper)
