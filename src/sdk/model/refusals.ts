import type { CatalogueEntry } from './catalogue-entry.ts'

/** What the running platform refuses: the part of the catalogue with exit 11. */
export const refusals = {
  EZ_MOVE_ROLLED_BACK: {
    exit: 11,
    retryable: true,
    hint: 'The shard is served where it was. What was waited for is said above: `ezone status`, `ezone links`.',
  },
  EZ_SWITCH_REFUSED: {
    exit: 11,
    retryable: true,
    hint: 'Nothing was begun. Put right what is named above; a zone that is lost is left with --hard.',
  },
  EZ_SWITCH_STOPPED: {
    exit: 11,
    retryable: true,
    hint: 'Every shard is served by one zone: `ezone shard list`. The same command goes on with those that stayed.',
  },
  EZ_NOT_SETTLED: {
    exit: 11,
    retryable: true,
    hint: 'Wait until the zones it was taken from are back and `ezone drc lag` is small; --takeover takes it as it is.',
  },
  EZ_NO_MAJORITY: {
    exit: 11,
    retryable: true,
    hint: 'No shard moves without a majority of the global ensemble: `ezone status` and `ezone links` say who is away.',
  },
  EZ_NO_ROUTE: { exit: 11, retryable: true, hint: 'Ask `ezone route explain` where the tag leads.' },
  EZ_BAD_TAG: {
    exit: 11,
    retryable: false,
    hint: 'Give a tag such as `x-ezone-tag: geo=31.23,121.47`, or order=, shop=, courier=, user= with an id.',
  },
  EZ_WRONG_ZONE: {
    exit: 11,
    retryable: false,
    hint: 'Send it through the API Router; `ezone route explain` says which zone owns the shard.',
  },
  EZ_UNTRUSTED_TAG: {
    exit: 11,
    retryable: false,
    hint: 'Services take requests from the API Router only: send it there.',
  },
  EZ_DEADLINE_PASSED: {
    exit: 11,
    retryable: true,
    hint: 'Nobody waited for it any more, so it was not begun; send it again.',
  },
  EZ_NO_SHARD: {
    exit: 11,
    retryable: false,
    hint: 'Every write of a multi-active table names the shard of its rows; `ezone route explain` says which it is.',
  },
  EZ_WRONG_ZONE_WRITE: {
    exit: 11,
    retryable: false,
    hint: 'Send it through the API Router: the shard belongs to another zone, and the database refused the write.',
  },
  EZ_STALE_EPOCH: {
    exit: 11,
    retryable: true,
    hint: 'The routing table has changed since the request was routed; send it again.',
  },
  EZ_SHARD_FROZEN: {
    exit: 11,
    retryable: true,
    hint: 'The shard is moving to another zone; send it again in a moment.',
  },
  EZ_LEASE_EXPIRED: {
    exit: 11,
    retryable: true,
    hint: 'The zone has lost the majority, and the policy `strict` forbids it to write; `ezone status` says what is down.',
  },
  EZ_GLOBAL_UNREACHABLE: {
    exit: 11,
    retryable: true,
    hint: 'The master of the Global Zone does not answer: `ezone status` and `ezone links` say why. Orders go on.',
  },
  EZ_GLOBAL_BEHIND: {
    exit: 11,
    retryable: true,
    hint: '`ezone global status` says how the zones stand. --accept-loss moves the master hard, whatever is lost by it.',
  },
  EZ_IDS_SPENT: {
    exit: 11,
    retryable: true,
    hint: 'Wait a few seconds; if it stays, the clock was set back: set it right.',
  },
  EZ_WRITERS_SPENT: {
    exit: 11,
    retryable: true,
    hint: 'Run fewer instances that make ids; the number of one that was killed is free again when its session ends.',
  },
  EZ_STORE_UNREACHABLE: {
    exit: 11,
    retryable: true,
    hint: 'The store of the zone does not answer: `ezone status` and `ezone logs PLACE/mysql` say why.',
  },
  EZ_OUTCOME_UNKNOWN: {
    exit: 11,
    retryable: true,
    hint: 'It may have been done. Send it again with the same Idempotency-Key: it is never done twice.',
  },
  EZ_OVERLOADED: {
    exit: 11,
    retryable: true,
    hint: 'More requests at once than the service takes; send fewer, or wait.',
  },
  EZ_BAD_REQUEST: { exit: 11, retryable: false, hint: 'See docs/guide/orders.md for what the service understands.' },
  EZ_BAD_ORDER: { exit: 11, retryable: false, hint: 'See docs/guide/orders.md for the fields of an order.' },
  EZ_UNKNOWN_ORDER: { exit: 11, retryable: false, hint: 'Check the id; `ezone order place` prints it.' },
  EZ_BAD_TRANSITION: {
    exit: 11,
    retryable: false,
    hint: 'See docs/guide/orders.md for the moves there are; `ezone order show ID` tells the state of the order.',
  },
  EZ_UNKNOWN_USER: { exit: 11, retryable: false, hint: 'Check the id; POST /users answers it.' },
  EZ_UNKNOWN_RIDER: { exit: 11, retryable: false, hint: 'Check the id; POST /riders answers it.' },
  EZ_UNKNOWN_MERCHANT: { exit: 11, retryable: false, hint: 'Check the id; POST /merchants answers it.' },
  EZ_RIDER_BUSY: {
    exit: 11,
    retryable: true,
    hint: 'Name a rider that is free, or leave the choice to dispatch.',
  },
  EZ_PHONE_TAKEN: {
    exit: 11,
    retryable: false,
    hint: 'A phone belongs to one user in all zones: register another one.',
  },
  EZ_ORDER_LOCKED: {
    exit: 11,
    retryable: true,
    hint: 'It waits to be reconciled after a takeover; it is unlocked when both zones agree again.',
  },
  EZ_DRC_GAP: {
    exit: 11,
    retryable: false,
    hint: 'The log lost changes before they were applied: `ezone drc status` names the lane; copy the table anew.',
  },
  EZ_DRC_UNFIT_TABLE: {
    exit: 11,
    retryable: false,
    hint: 'Give the table a primary key, its version column and its triggers, in every zone.',
  },
  EZ_DRC_UNDECODABLE: {
    exit: 11,
    retryable: false,
    hint: 'The lane stays where it is: nothing is skipped. docs/errors.md says what cannot be read, and how to go on.',
  },
  EZ_DRC_BINLOG_PURGED: {
    exit: 11,
    retryable: false,
    hint: 'Those changes are in no log any more: compare the zones with `ezone drc verify`, then begin anew with `ezone reset`.',
  },
  EZ_DRC_MISSING_COLUMN: {
    exit: 11,
    retryable: true,
    hint: 'Add the table or column in this zone too; the lane goes on by itself when it is there.',
  },
  EZ_DRC_APPLY_REFUSED: {
    exit: 11,
    retryable: true,
    hint: 'MySQL does not take the row, for the reason above; the lane tries again by itself and skips nothing.',
  },
  EZ_DRC_ROW_TOO_LARGE: {
    exit: 11,
    retryable: false,
    hint: "Raise the log's record size, or keep values of that size in another store.",
  },
  EZ_UNKNOWN_SERVICE: {
    exit: 11,
    retryable: false,
    hint: 'See `ezone status` for the services there are.',
  },
  EZ_NO_INSTANCE: {
    exit: 11,
    retryable: true,
    hint: 'No instance of the service is registered in its zone now: `ezone status` says what runs there.',
  },
  EZ_TOO_MANY_HOPS: {
    exit: 11,
    retryable: false,
    hint: 'A call crosses from zone to zone once: make the second call from the zone that the first came from.',
  },
  EZ_ZONE_UNREACHABLE: {
    exit: 11,
    retryable: true,
    hint: 'The router could not reach the zone: `ezone status` and `ezone links` say why.',
  },
} as const satisfies Record<`EZ_${string}`, CatalogueEntry & { readonly exit: 11 }>
