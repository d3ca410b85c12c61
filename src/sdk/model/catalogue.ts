import type { CatalogueEntry } from './catalogue-entry.ts'
import { refusals } from './refusals.ts'

export type { CatalogueEntry }

/** Every error there is, by its code. */
export const catalogue = {
  EZ_BUG: {
    exit: 1,
    retryable: false,
    hint: 'This is a fault in ezone. Please report it with the output of `ezone doctor --json`.',
  },

  EZ_USAGE: { exit: 2, retryable: false, hint: 'See `ezone COMMAND --help`.' },
  EZ_UNKNOWN_COMMAND: { exit: 2, retryable: false, hint: 'See `ezone --help` for the commands there are.' },
  EZ_TOPOLOGY_INVALID: {
    exit: 2,
    retryable: false,
    hint: 'Correct the lines named above; docs/topology.md describes every field.',
  },
  EZ_SCENARIO_INVALID: {
    exit: 2,
    retryable: false,
    hint: 'Correct the lines named above; docs/guide/drills.md describes every field.',
  },
  EZ_NO_PROJECT: {
    exit: 2,
    retryable: false,
    hint: 'Name the folder of a service, or be in it: it has an ezone.service.json (docs/guide/dev.md).',
  },
  EZ_PROJECT_INVALID: {
    exit: 2,
    retryable: false,
    hint: 'Correct the lines named above; docs/guide/dev.md describes every field.',
  },
  EZ_UNKNOWN_DRILL: { exit: 2, retryable: false, hint: 'See `ezone drill list` for the drills there are.' },
  EZ_UNKNOWN_PLACE: {
    exit: 2,
    retryable: false,
    hint: 'See `ezone status` for the places, servers and services of this testbed.',
  },
  EZ_UNKNOWN_LINK: { exit: 2, retryable: false, hint: 'See `ezone links` for the links of this testbed.' },
  EZ_UNKNOWN_CITY: {
    exit: 2,
    retryable: false,
    hint: 'Use a name of data/cells.csv, or give coordinates with --loc LAT,LNG.',
  },
  EZ_AMBIGUOUS_CITY: { exit: 2, retryable: false, hint: 'Name the division too: --city NAME,DIVISION.' },
  EZ_UNKNOWN_SHARD: { exit: 2, retryable: false, hint: 'See `ezone shard list` for the shards there are.' },
  EZ_UNKNOWN_FAULT: { exit: 2, retryable: false, hint: 'See `ezone chaos status` for the faults there are.' },
  EZ_LEASE_TOO_LONG: { exit: 2, retryable: false, hint: 'Ask for a shorter time with --for.' },
  EZ_UNKNOWN_ZONE: { exit: 2, retryable: false, hint: 'See `ezone status` for the zones of this testbed.' },
  EZ_HISTORY_INVALID: {
    exit: 2,
    retryable: false,
    hint: 'Name the history of a run as this version of ezone has written it; the line above is not of one.',
  },

  EZ_NO_TESTBED: { exit: 3, retryable: false, hint: 'Start one with `ezone up`.' },
  EZ_NO_REPORT: {
    exit: 3,
    retryable: false,
    hint: 'See `ezone report list` for the runs that have one; `ezone drill run` makes another.',
  },
  EZ_NOT_RUNNING: {
    exit: 3,
    retryable: false,
    hint: 'Start it with `ezone start`; `ezone status` shows what is there.',
  },

  EZ_NODE_TOO_OLD: {
    exit: 4,
    retryable: false,
    hint: 'Install Node 24.15 or newer, or run this again where npm reaches its packages.',
  },
  EZ_SERVER_UNAVAILABLE: {
    exit: 4,
    retryable: true,
    hint: 'Each source says above why it could not help; `ezone doctor` checks them.',
  },
  EZ_CACHE_CORRUPT: {
    exit: 4,
    retryable: false,
    hint: 'Remove the entry with `ezone servers prune --corrupt`; the next `up` fetches it again.',
  },
  EZ_HASH_MISMATCH: {
    exit: 4,
    retryable: false,
    hint: 'The file is not what the configured hash promises: correct the hash or the source. Nothing was installed.',
  },
  EZ_INSTALL_FAILED: {
    exit: 4,
    retryable: true,
    hint: 'Run `npm install` in the folder when the package registry can be reached.',
  },
  EZ_DOCKER_UNREACHABLE: {
    exit: 4,
    retryable: true,
    hint: 'Start the Docker engine, or run with `--runtime process`.',
  },
  EZ_DOCKER_REFUSED: {
    exit: 4,
    retryable: false,
    hint: "The engine's own reason is above; `ezone doctor` checks the engine, `--runtime process` does without it.",
  },
  EZ_IMAGES_UNAVAILABLE: {
    exit: 4,
    retryable: true,
    hint: 'Build them from the server cache with `--images local`, or name a mirror with `--registry-mirror`.',
  },
  EZ_NO_DISK: {
    exit: 4,
    retryable: false,
    hint: 'Free some space, or point EZONE_STATE_DIR and EZONE_CACHE_DIR at a larger disk.',
  },
  EZ_STATE_UNREADABLE: {
    exit: 4,
    retryable: false,
    hint: 'Make the state directory yours again (see the path above), or point EZONE_STATE_DIR elsewhere.',
  },

  EZ_NOT_READY: {
    exit: 5,
    retryable: true,
    hint: 'The last lines of the server are above; `ezone logs PLACE/SERVER` shows all of them.',
  },
  EZ_SERVER_DIED: {
    exit: 5,
    retryable: false,
    hint: 'Its last lines are above; `ezone logs PLACE/SERVER` shows all of them.',
  },
  EZ_LINK_NOT_AS_ASKED: {
    exit: 5,
    retryable: true,
    hint: 'Measure again with `ezone links`; a path far below its RTT bypasses the link: `ezone links audit`.',
  },
  EZ_LINK_UNCONTROLLED: {
    exit: 5,
    retryable: true,
    hint: 'Restart its Toxiproxy with `ezone restart LINK/toxiproxy`, then measure with `ezone links`.',
  },
  EZ_WAIT_TIMEOUT: {
    exit: 5,
    retryable: true,
    hint: 'Give it longer with --timeout, or see `ezone status` for what is missing.',
  },

  EZ_PORT_TAKEN: {
    exit: 6,
    retryable: false,
    hint: 'Stop that process, or give the store another port in ezone.yaml (ports).',
  },
  EZ_NAME_TAKEN: {
    exit: 6,
    retryable: false,
    hint: 'Take another name, or another folder with --dir.',
  },
  EZ_DOCKER_TAKEN: {
    exit: 6,
    retryable: false,
    hint: 'Take that testbed down, remove what is named above, or start this testbed under another --name.',
  },
  EZ_BUSY: {
    exit: 6,
    retryable: true,
    hint: 'Wait for the other command with `ezone wait`, or end it with `ezone down`.',
  },
  EZ_DEV_RUNNING: {
    exit: 6,
    retryable: true,
    hint: 'End that `ezone dev` with Ctrl-C, or run this one in another testbed with --name.',
  },
  EZ_SDK_MISMATCH: {
    exit: 6,
    retryable: false,
    hint: 'Give the project the @ezone/sdk of this ezone, or use the ezone of that SDK.',
  },
  EZ_CANCELLED: { exit: 6, retryable: true, hint: 'Another command ended this one; see `ezone status`.' },
  EZ_OTHER_VERSION: {
    exit: 6,
    retryable: false,
    hint: 'Take that testbed down with `ezone down` (any version can), then `ezone up`.',
  },
  EZ_OTHER_TOPOLOGY: {
    exit: 6,
    retryable: false,
    hint: 'Take it down first with `ezone down`, or start a second one with --name.',
  },
  EZ_UNDER_LOAD: {
    exit: 6,
    retryable: true,
    hint: 'Stop the load first, or use --force if the interruption is wanted.',
  },
  EZ_ILLEGAL_STATE: { exit: 6, retryable: true, hint: 'See `ezone status` for the state the testbed is in.' },
  EZ_FAULT_CONFLICT: {
    exit: 6,
    retryable: true,
    hint: 'See `ezone chaos status`; end the fault in force with `ezone chaos heal ID`, or wait until its lease is over.',
  },
  EZ_TARGET_DEAD: {
    exit: 6,
    retryable: true,
    hint: 'See `ezone ps`; `ezone up` starts what does not run.',
  },
  EZ_MOVE_RUNNING: {
    exit: 6,
    retryable: true,
    hint: 'Wait until it has ended: `ezone shard list` shows it. A move whose controller died ends by itself.',
  },
  EZ_SWITCH_RUNNING: {
    exit: 6,
    retryable: true,
    hint: 'One at a time: the same command joins its own switch; another waits until `ezone failover list` shows the end.',
  },

  EZ_DRILL_FAILED: {
    exit: 7,
    retryable: false,
    hint: 'The claims above say what happened, with ids; `ezone report open` shows it on one time axis.',
  },
  EZ_CONTRACT_BROKEN: {
    exit: 7,
    retryable: false,
    hint: 'What is above says which request showed it; docs/guide/dev.md says what a service must do.',
  },
  EZ_LINK_BYPASSED: {
    exit: 7,
    retryable: false,
    hint: 'Each socket above goes from zone to zone beside the link; make its program dial the address of its own zone.',
  },
  EZ_CUT_LEAKS: {
    exit: 7,
    retryable: false,
    hint: 'A path answered although its link was cut, or an in-zone path did not; see the paths above.',
  },
  EZ_ORDERS_UNFINISHED: {
    exit: 7,
    retryable: false,
    hint: 'The orders above did not end, or not in their own zone; `ezone order show ID` tells how each stands.',
  },
  EZ_ZONES_DIFFER: {
    exit: 7,
    retryable: false,
    hint: 'The rows above are not the same in every zone; `ezone drc status` says whether a lane has stopped.',
  },
  EZ_DRC_STOPPED: {
    exit: 7,
    retryable: false,
    hint: 'The lane above has met what it cannot carry; nothing was skipped. Its own code in docs/errors.md says how to go on.',
  },
  EZ_DRILL_UNKNOWN: {
    exit: 8,
    retryable: true,
    hint: 'What is above kept it from a verdict; `ezone report open` shows what was seen. Unknown is never good.',
  },
  EZ_CONTRACT_UNKNOWN: {
    exit: 8,
    retryable: true,
    hint: 'What is above kept it from a verdict; docs/guide/dev.md describes `contract`. Unknown is never good.',
  },
  EZ_STRESS_VOID: {
    exit: 8,
    retryable: true,
    hint: 'Ask for the rate that held, or give the machine less to do meanwhile; the figures above are not about the platform.',
  },
  EZ_STRESS_NOT_HELD: {
    exit: 8,
    retryable: true,
    hint: 'The figures above say what failed, where, and what was short; ask for less, or find out why.',
  },
  EZ_STRESS_DISAGREES: {
    exit: 8,
    retryable: true,
    hint: 'Neither figure is to be trusted; run it again, or with `--engine builtin`.',
  },
  EZ_STRESS_TOO_SLOW: {
    exit: 9,
    retryable: true,
    hint: 'The rate held, but not in time; the CPU per hop above says where it went, and `--p99` what is allowed.',
  },
  EZ_FAULT_NOT_PROVEN: {
    exit: 8,
    retryable: true,
    hint: 'The fault was put in, but no probe could show its effect; `ezone links` shows which paths answer without it.',
  },
  EZ_AUDIT_UNKNOWN: {
    exit: 8,
    retryable: true,
    hint: 'Run the audit as the user who owns those processes, or as root; what cannot be seen is not taken for good.',
  },
  EZ_SOCKETS_UNSEEN: {
    exit: 8,
    retryable: false,
    hint: 'Run the audit on the machine of the Docker engine, as the user who started the testbed.',
  },
  EZ_ZONES_UNKNOWN: {
    exit: 8,
    retryable: true,
    hint: 'A zone does not answer, or is behind; `ezone drc status` says why. Not compared is not equal.',
  },
  EZ_DRC_UNKNOWN: {
    exit: 8,
    retryable: true,
    hint: 'A zone, a store or an instance does not answer, or is just beginning: `ezone status`, `ezone links` say which.',
  },
  EZ_FAULT_NOT_REMOVED: {
    exit: 10,
    retryable: true,
    hint: 'Try `ezone chaos heal` again; if it stays, `ezone restart` what is named above.',
  },

  EZ_NOT_REMOVED: {
    exit: 10,
    retryable: true,
    hint: 'Run `ezone down` again; what is named above may hang in a disk call of the kernel.',
  },

  ...refusals,

  EZ_INTERRUPTED: {
    exit: 130,
    retryable: true,
    hint: 'Nothing is left half done; run the command again when you like.',
  },
} as const satisfies Record<`EZ_${string}`, CatalogueEntry>

export type ErrorCode = keyof typeof catalogue
