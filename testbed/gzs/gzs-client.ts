import {
  type Address,
  EzoneError,
  type GlobalMoveAccepted,
  type GlobalMoveRequest,
  type GlobalStatus,
  globalMoveAcceptedSchema,
  globalStatusSchema,
  type HistoryEntry,
  historyAnswerSchema,
  type MoveAccepted,
  type MoveRequest,
  moveAcceptedSchema,
  moveAnswerSchema,
  type RoutingTable,
  routingTableSchema,
  type ShardMove,
  type SubscribersAnswer,
  type SwitchAccepted,
  type SwitchRequest,
  subscribersAnswerSchema,
  switchAcceptedSchema,
  switchAnswerSchema,
  switchesAnswerSchema,
  unsettledAnswerSchema,
  type ZoneSwitch,
} from '@ezone/sdk/model'

/** Longer than GZS itself waits for the ensemble: so that it is GZS that tells what went wrong. */
const answerMs = 9_000

/**
 * A client of the Global Zone Service that asks one instance after the other until one answers. All of it may be asked
 * again: a move that runs already is joined, not begun twice.
 */
export class GzsClient {
  readonly #urls: readonly string[]

  /** @param addresses in order of preference */
  constructor(addresses: readonly Address[]) {
    this.#urls = addresses.map(({ host, port }) => `http://${host}:${port}`)
  }

  async table(signal: AbortSignal): Promise<RoutingTable> {
    return routingTableSchema.parse(await this.#ask('GET', '/table', signal))
  }

  /** Newest first. */
  async history(signal: AbortSignal): Promise<readonly HistoryEntry[]> {
    return historyAnswerSchema.parse(await this.#ask('GET', '/history', signal)).entries
  }

  async subscribers(signal: AbortSignal): Promise<SubscribersAnswer> {
    return subscribersAnswerSchema.parse(await this.#ask('GET', '/subscribers', signal))
  }

  /** @throws EZ_UNKNOWN_SHARD, EZ_UNKNOWN_ZONE, EZ_MOVE_RUNNING, EZ_NOT_SETTLED, EZ_ZONE_UNREACHABLE, EZ_NO_MAJORITY */
  async beginMove(request: MoveRequest, signal: AbortSignal): Promise<MoveAccepted> {
    return moveAcceptedSchema.parse(await this.#ask('POST', '/moves', signal, request))
  }

  /** The running move of a shard, else the last one; null where it was never moved. */
  async move(shard: number, signal: AbortSignal): Promise<ShardMove | null> {
    return moveAnswerSchema.parse(await this.#ask('GET', `/moves/${shard}`, signal)).move
  }

  /** Shards that were taken without asking, and of which more may be on its way to their zone. */
  async unsettled(signal: AbortSignal): Promise<readonly number[]> {
    return unsettledAnswerSchema.parse(await this.#ask('GET', '/unsettled', signal)).shards
  }

  /**
   * Begins to move the shards of a zone. @throws EZ_UNKNOWN_ZONE, EZ_UNKNOWN_SHARD, EZ_SWITCH_RUNNING, EZ_NOT_SETTLED,
   * EZ_ZONE_UNREACHABLE, EZ_NO_MAJORITY
   */
  async beginSwitch(request: SwitchRequest, signal: AbortSignal): Promise<SwitchAccepted> {
    return switchAcceptedSchema.parse(await this.#ask('POST', '/switches', signal, request))
  }

  /** null where the instance that answered does not know it, or not yet. */
  async switch(id: string, signal: AbortSignal): Promise<ZoneSwitch | null> {
    return switchAnswerSchema.parse(await this.#ask('GET', `/switches/${id}`, signal)).switch
  }

  /** Newest first. */
  async switches(signal: AbortSignal): Promise<readonly ZoneSwitch[]> {
    return switchesAnswerSchema.parse(await this.#ask('GET', '/switches', signal)).switches
  }

  /** Who the master of the Global Zone is, how far its move is, and what each zone has made of it. */
  async globalStatus(signal: AbortSignal): Promise<GlobalStatus> {
    return globalStatusSchema.parse(await this.#ask('GET', '/global-moves', signal))
  }

  /** @throws EZ_UNKNOWN_ZONE, EZ_MOVE_RUNNING, EZ_ZONE_UNREACHABLE, EZ_GLOBAL_BEHIND, EZ_NO_MAJORITY */
  async beginGlobalMove(request: GlobalMoveRequest, signal: AbortSignal): Promise<GlobalMoveAccepted> {
    return globalMoveAcceptedSchema.parse(await this.#ask('POST', '/global-moves', signal, request))
  }

  async #ask(method: 'GET' | 'POST', path: string, signal: AbortSignal, body?: object): Promise<unknown> {
    const failures: unknown[] = []
    for (const url of this.#urls) {
      const soon = AbortSignal.any([signal, AbortSignal.timeout(answerMs)])
      try {
        const response = await fetch(url + path, {
          method,
          signal: soon,
          ...(body !== undefined && { body: JSON.stringify(body) }),
        })
        const answer: unknown = await response.json()
        if (response.ok) return answer
        const error = errorOf(answer)
        // Another instance may have what this one lacks: a table, a session with the majority.
        if (!EzoneError.is(error, 'EZ_NOT_READY') && !EzoneError.is(error, 'EZ_NO_MAJORITY')) throw error
        failures.push(error)
      } catch (error) {
        if (signal.aborted) throw signal.reason
        if (EzoneError.is(error)) throw error
        failures.push(error)
      }
    }
    const told = failures.find((failure) => EzoneError.is(failure))
    if (told !== undefined) throw told
    throw new EzoneError('EZ_NOT_RUNNING', `no GZS answers at ${this.#urls.join(', ')}`, {
      cause: new AggregateError(failures),
    })
  }
}

function errorOf(body: unknown): EzoneError {
  const { error } = body as { error?: Parameters<typeof EzoneError.from>[0] }
  return error ? EzoneError.from(error) : new EzoneError('EZ_BUG', 'GZS answered an error without a code')
}
