/** Numbers of ZooKeeper's wire protocol, as in ZooDefs.OpCode and Watcher of 3.9. */
export const opCodes = {
  delete: 2,
  exists: 3,
  getData: 4,
  setData: 5,
  sync: 9,
  ping: 11,
  getChildren2: 12,
  check: 13,
  multi: 14,
  create2: 15,
  removeWatches: 18,
  createContainer: 19,
  createTtl: 21,
  auth: 100,
  setWatches2: 105,
  addWatch: 106,
  closeSession: -11,
  error: -1,
} as const

/** Requests that are numbered by their kind; all others count up from 1. */
export const specialXids = { notification: -1, ping: -2, auth: -4, setWatches: -8 } as const

export const createFlags = {
  persistent: 0,
  ephemeral: 1,
  persistentSequential: 2,
  ephemeralSequential: 3,
  container: 4,
  ttl: 5,
  ttlSequential: 6,
} as const

export const eventTypes = new Map([
  [1, 'created'],
  [2, 'deleted'],
  [3, 'changed'],
  [4, 'children'],
] as const)

/** Modes of addWatch, and how removeWatches calls the same (since 3.9). */
export const watchModes = {
  persistent: { mode: 0, removal: 4 },
  recursive: { mode: 1, removal: 5 },
} as const

export type WatchMode = keyof typeof watchModes
