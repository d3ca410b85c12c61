export { type Clock, EzoneError, systemClock } from './model/index.ts'
