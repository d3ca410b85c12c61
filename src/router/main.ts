import { runService } from '@ezone/sdk'
import { startRouter } from './router.ts'

await runService(startRouter)
