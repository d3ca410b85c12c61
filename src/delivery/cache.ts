import { EzoneError, type ServiceConfig } from '@ezone/sdk'
import type { Logger } from 'pino'
import type { RedisClientType } from 'redis'

const connectMs = 1_000
const commandMs = 1_000
const reconnectMsMax = 2_000
const waitingMax = 1_000

/**
 * The zone's Redis. It holds only what can be made again, so whoever asks it must be able to do without. The client is
 * loaded when it is asked for the first time: an idle service does without its 24 MB.
 */
export class Cache implements AsyncDisposable {
  readonly #access: NonNullable<ServiceConfig['stores']['redis']>
  readonly #log: Logger
  #client: Promise<RedisClientType> | null = null

  constructor(access: NonNullable<ServiceConfig['stores']['redis']>, log: Logger) {
    this.#access = access
    this.#log = log
  }

  get(key: string): Promise<string | null> {
    return this.#ask((client) => client.get(key))
  }

  /** Values in the order of the keys; null for those it has not. */
  async many(keys: readonly string[]): Promise<readonly (string | null)[]> {
    return keys.length === 0 ? [] : this.#ask((client) => client.mGet([...keys]))
  }

  async set(key: string, value: string, ttlS: number): Promise<void> {
    await this.#ask((client) => client.set(key, value, { expiration: { type: 'EX', value: ttlS } }))
  }

  /** Sets the value if it is still `before` (null: not there). False where somebody else was first. */
  async replace(key: string, { before, value, ttlS }: Replacement): Promise<boolean> {
    const done = await this.#ask((client) =>
      client.eval(compareAndSet, { keys: [key], arguments: [before ?? '', value, String(ttlS)] }),
    )
    return done === 1
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const client = await this.#client?.catch(() => null)
    client?.destroy()
  }

  async #ask<T>(command: (client: RedisClientType) => Promise<T>): Promise<T> {
    try {
      this.#client ??= this.#connect()
      return await command(await this.#client)
    } catch (cause) {
      throw new EzoneError('EZ_STORE_UNREACHABLE', 'the Redis of this zone does not answer', {
        cause,
        hint: 'The store of the zone does not answer: `ezone status` and `ezone logs PLACE/redis` say why.',
      })
    }
  }

  /** Resolves when it is connected for the first time; what fails is tried anew by the next who asks. */
  async #connect(): Promise<RedisClientType> {
    try {
      const { createClient } = await import('redis')
      const { host, port, password } = this.#access
      const reconnectStrategy = (retries: number) => Math.min(50 * 2 ** retries, reconnectMsMax)
      const client = createClient({
        socket: { host, port, connectTimeout: connectMs, reconnectStrategy },
        password,
        // A command fails at once while there is no connection: who waits for a cache waits for nothing.
        disableOfflineQueue: true,
        commandsQueueMaxLength: waitingMax,
        commandOptions: { timeout: commandMs },
      })
      client.on('error', (error: unknown) => this.#log.warn({ err: error }, 'the connection to Redis has trouble'))
      await client.connect()
      return client as unknown as RedisClientType
    } catch (error) {
      this.#client = null
      throw error
    }
  }
}

interface Replacement {
  readonly before: string | null
  readonly value: string
  readonly ttlS: number
}

/** One round trip, atomic: no two reports of one rider can both be judged against the same last one and be taken. */
const compareAndSet = `
  local now = redis.call('GET', KEYS[1])
  if (now or '') ~= ARGV[1] then return 0 end
  redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
  return 1`
