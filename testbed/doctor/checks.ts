import type { Check } from './check.ts'
import { disk, programs, writable } from './folders.ts'
import { clock, limits, memory, node, watches } from './machine.ts'
import { loopback, ports, proxy, topology } from './network.ts'
import { cache, docker, servers } from './servers.ts'
import { strays, testbeds } from './testbeds.ts'

/** In the order in which a person would look. */
export const checks: readonly Check[] = [
  node,
  writable,
  disk,
  programs,
  memory,
  limits,
  watches,
  clock,
  loopback,
  ports,
  proxy,
  topology,
  servers,
  cache,
  docker,
  testbeds,
  strays,
]
