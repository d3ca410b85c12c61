import { runService } from '@ezone/sdk'
import { startService } from './service.ts'

await runService(startService)
