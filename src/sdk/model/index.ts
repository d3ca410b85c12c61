export { type CatalogueEntry, catalogue, type ErrorCode } from './catalogue.ts'
export { type Cell, cellMax, formatCells, parseCells } from './cells.ts'
export { CityIndex, cityText } from './cities.ts'
export { type Clock, systemClock } from './clock.ts'
export {
  formatPath,
  type Hop,
  type ProxyStats,
  parsePath,
  pathHeader,
  proxyStatsSchema,
  type ServiceClass,
  type ServicesAnswer,
  serviceClasses,
  servicesAnswerSchema,
} from './contracts/calls.ts'
export {
  type Cell as DrcCell,
  type DrcConflict,
  type DrcRole,
  type DrcStatus,
  type DrcTrace,
  drcConflictSchema,
  drcConflictsSchema,
  drcStatusSchema,
  drcTopic,
  drcTracesSchema,
  type LogRecord,
  type LogRow,
  type RowImage,
  type TapChange,
  tapLineSchema,
} from './contracts/drc.ts'
export {
  type GlobalAck,
  type GlobalMode,
  type GlobalMove,
  type GlobalMoveAccepted,
  type GlobalMoveRequest,
  type GlobalStatus,
  type GlobalZone,
  globalAckSchema,
  globalModes,
  globalMoveAcceptedSchema,
  globalMoveRequestSchema,
  globalPaths,
  globalStatusSchema,
  globalZoneSchema,
  type KeptAside,
} from './contracts/global.ts'
export {
  historyAnswerSchema,
  type MoveAccepted,
  type MoveRequest,
  moveAcceptedSchema,
  moveAnswerSchema,
  moveRequestSchema,
  type Subscriber,
  type SubscribersAnswer,
  subscribersAnswerSchema,
  unsettledAnswerSchema,
} from './contracts/gzs.ts'
export { type Manifest, manifestSchema } from './contracts/manifest.ts'
export {
  type Menu,
  type Merchant,
  menuSchema,
  merchantSchema,
  type NewMerchant,
  newMerchantSchema,
} from './contracts/merchants.ts'
export { isFinal, type OrderState, orderMoves, orderStates, requireMove } from './contracts/order-states.ts'
export {
  idText,
  type NewOrder,
  newOrderSchema,
  type Order,
  type OrderEvent,
  type OrderMove,
  orderEventsTopic,
  orderMoveSchema,
  orderSchema,
  requestKeyHeader,
  requestKeySchema,
  versionHeader,
} from './contracts/orders.ts'
export {
  type NewRider,
  newRiderSchema,
  type Position,
  type PositionFate,
  positionAnswerSchema,
  positionFates,
  positionSchema,
  type Rider,
  riderSchema,
} from './contracts/riders.ts'
export {
  type Acknowledged,
  acknowledgedSchema,
  deadlineHeader,
  type Explanation,
  explanationSchema,
  formatRoute,
  heldHeader,
  outcomeHeader,
  parseRoute,
  type RouterStats,
  type RouteTaken,
  routeHeader,
  routerStatsSchema,
} from './contracts/router.ts'
export { type Address, type MysqlAccess, type ServiceConfig, serviceConfigSchema } from './contracts/service-config.ts'
export {
  type ServiceContract,
  type ServiceProject,
  serviceProjectFile,
  serviceProjectSchema,
} from './contracts/service-project.ts'
export {
  type TableAck,
  type TableMessage,
  tableAckSchema,
  tableMessageSchema,
} from './contracts/subscription.ts'
export {
  type Suspect,
  type Suspects,
  type SwitchAccepted,
  type SwitchMode,
  type SwitchPart,
  type SwitchRequest,
  suspectSchema,
  suspectsSchema,
  switchAcceptedSchema,
  switchAnswerSchema,
  switchesAnswerSchema,
  switchMoveId,
  switchPartSchema,
  switchRequestSchema,
  switchSchema,
  type ZoneSwitch,
} from './contracts/switches.ts'
export {
  type FenceAcks,
  fenceAcksSchema,
  type HistoryEntry,
  historyEntrySchema,
  historyPath,
  type ShardMove,
  shardMoveSchema,
  switchPath,
  truthPaths,
} from './contracts/truth.ts'
export { newUserSchema, type User, userSchema } from './contracts/users.ts'
export { type Division, parseDivisions } from './divisions.ts'
export { drcConflictTable } from './drc-tables.ts'
export { EzoneError } from './errors.ts'
export {
  type Claim,
  decideFence,
  type FenceDecision,
  type FenceRefusal,
  type FenceRow,
  isFenceRefusal,
} from './fence.ts'
export { fenceLimits } from './fence-limits.ts'
export { distanceKm, type Point, parsePoint, pointText } from './geo.ts'
export { applyGlobalStep, type GlobalStep, withStep } from './global-steps.ts'
export { crossed, enteredHops, hopsMax } from './hops.ts'
export { houseStatements, leaseForever } from './house.ts'
export { borrowSecondsMax, IdMaker, type IdWriter } from './id-maker.ts'
export { type IdParts, idEpochMs, idTimeMs, packId, parseId, unpackId } from './ids.ts'
export { type InternalTag, internalHeader, readTag, signTag } from './internal-tag.ts'
export { stepRecords } from './move-records.ts'
export { neverSent } from './never-sent.ts'
export { hasPlanted, type PlantedBug, plantedBugNames, plantedBugs } from './planted-bugs.ts'
export { applyStep, type MoveStep, planMove, type StepDetails } from './shard-states.ts'
export {
  type Barrier,
  type MoveMode,
  moveModes,
  type RoutingTable,
  routingTableSchema,
  type ShardEntry,
  type ShardState,
  shardStates,
  TableIndex,
} from './table.ts'
export {
  type DecidingTag,
  decidingTag,
  formatTags,
  type IdTag,
  idTags,
  parseTags,
  type Tags,
  tagHeader,
} from './tags.ts'
export { childTrace, formatTrace, newTrace, parseTrace, type Trace, traceHeader } from './trace.ts'
export { packVersion, type VersionParts, versionTimeMs, versionZone } from './versions.ts'
