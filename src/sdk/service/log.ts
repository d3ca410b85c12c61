import { type Logger, pino } from 'pino'
import type { ServiceConfig } from '../model/index.ts'
import { currentTrace } from './current-trace.ts'

/** Lines of a request carry its trace id, also those of whatever it calls. */
export const logger = ({ service, place }: ServiceConfig): Logger =>
  pino({
    base: { service, place },
    timestamp: pino.stdTimeFunctions.isoTime,
    mixin: () => {
      const trace = currentTrace()?.traceId
      return trace === undefined ? {} : { trace }
    },
  })
