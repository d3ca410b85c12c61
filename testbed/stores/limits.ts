/**
 * How much a store may take. A testbed shares a developer's machine with everything else, so every store has a bound on
 * memory and disk; none of them takes away what a connected reader still needs.
 */
export const limits = {
  /** MySQL starts a new binlog file at this size; purging removes whole files, so it is the grain of the limit below. */
  binlogFileBytesMax: 32 * 2 ** 20,
  /** What housekeeping keeps of one server's binlogs. */
  binlogBytesMax: 512 * 2 ** 20,
  binlogSecondsMax: 3 * 24 * 3600,

  redisBytesMax: 64 * 2 ** 20,
  /** Redis rewrites its append-only file when it has doubled and is at least this large. */
  redisRewriteBytesMin: 16 * 2 ** 20,

  /** Per partition. */
  kafkaLogBytesMax: 256 * 2 ** 20,
  kafkaSegmentBytesMax: 16 * 2 ** 20,
  kafkaHoursMax: 72,

  zookeeperSnapshotsKept: 3,
} as const
