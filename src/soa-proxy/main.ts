import { runService } from '@ezone/sdk'
import { startSoaProxy } from './soa-proxy.ts'

await runService(startSoaProxy)
