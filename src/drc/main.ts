import { runService } from '@ezone/sdk'
import { startDrc } from './drc.ts'

await runService(startDrc)
