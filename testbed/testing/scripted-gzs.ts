import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { json } from 'node:stream/consumers'
import type { Address, RoutingTable, ShardEntry, TableAck } from '@ezone/sdk/model'

/**
 * A GZS whose every word the test decides: for what a subscriber does with tables that no real one would hand out at the
 * moment the test needs them. Speaks HTTP on a real socket, as the contract says (sdk/model/contracts/subscription.ts).
 */
export class ScriptedGzs implements AsyncDisposable {
  /** False: it knows nothing of streams, as an older one. */
  streams = true
  /** False: its pings stop, as of one that hangs. */
  pings = true
  /** What GET /table answers, if not the table. */
  spoiled: { readonly status: number; readonly body: string } | undefined
  readonly asked: { readonly path: string; readonly etag: string | undefined }[] = []
  readonly acks: TableAck[] = []
  #table: RoutingTable
  readonly #server: Server
  readonly #streams = new Set<ServerResponse>()
  readonly #pinging: NodeJS.Timeout

  private constructor(table: RoutingTable) {
    this.#table = table
    this.#server = createServer((request, response) => void this.#answer(request, response))
    this.#pinging = setInterval(() => this.pings && this.tell({ type: 'ping' }), 200)
  }

  static async start(address: Address, table: RoutingTable): Promise<ScriptedGzs> {
    const own = new ScriptedGzs(table)
    await new Promise<void>((resolve, reject) => {
      own.#server.once('error', reject).listen(address.port, address.host, resolve)
    })
    return own
  }

  get table(): RoutingTable {
    return this.#table
  }

  get followers(): number {
    return this.#streams.size
  }

  /** Offers another table, and tells all that follow of it. */
  offer(table: RoutingTable): void {
    this.#table = table
    this.tell({ type: 'snapshot', table })
  }

  /** The next version, with one shard changed, told as a change. The epoch is the new version. */
  change(shard: number, changes: Partial<Pick<ShardEntry, 'zone' | 'state'>>): RoutingTable {
    const version = this.#table.version + 1
    const shards = this.#table.shards.map((s) => (s.shard === shard ? { ...s, ...changes, epoch: version } : s))
    this.#table = { ...this.#table, version, shards }
    this.tell({ type: 'delta', version, shards: shards.filter((s) => s.shard === shard) })
    return this.#table
  }

  tell(message: unknown): void {
    for (const stream of this.#streams) stream.write(typeof message === 'string' ? message : line(message))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#pinging)
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url?.split('?')[0] ?? ''
    this.asked.push({ path, etag: request.headers['if-none-match'] })
    if (path === '/table') return this.#answerTable(request, response)
    if (path === '/acks') {
      this.acks.push((await json(request)) as TableAck)
      return void response.writeHead(204).end()
    }
    if (path !== '/subscribe' || !this.streams) return void response.writeHead(404).end()
    response.writeHead(200, { 'content-type': 'application/x-ndjson' })
    response.write(line({ type: 'snapshot', table: this.#table }))
    this.#streams.add(response)
    response.once('close', () => this.#streams.delete(response))
  }

  #answerTable(request: IncomingMessage, response: ServerResponse): void {
    const etag = `"${this.#table.version}"`
    if (this.spoiled !== undefined) return void response.writeHead(this.spoiled.status).end(this.spoiled.body)
    if (request.headers['if-none-match'] === etag) return void response.writeHead(304, { etag }).end()
    response.writeHead(200, { etag }).end(JSON.stringify(this.#table))
  }
}

const line = (message: unknown) => `${JSON.stringify(message)}\n`
