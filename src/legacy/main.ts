import { runService } from '@ezone/sdk'
import { startLegacy } from './legacy.ts'

await runService(startLegacy)
