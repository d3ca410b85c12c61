import { runService } from '@ezone/sdk'
import { startGzs } from './gzs.ts'

await runService(startGzs)
