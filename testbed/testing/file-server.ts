import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A file server on a loopback address of its own. A path that is not in `files` answers 404. */
export interface FileServer extends AsyncDisposable {
  readonly url: string
  /** Requests so far, in the order they came. */
  readonly asked: readonly string[]
}

/** @param files path -> content; `null` accepts the request and never answers. */
export async function serveFiles(
  host: string,
  files: Readonly<Record<string, Buffer | string | null>>,
): Promise<FileServer> {
  const asked: string[] = []
  const server: Server = createServer((request, response) => {
    const path = request.url ?? ''
    asked.push(path)
    const content = files[path]
    if (content === null) return
    response.statusCode = content === undefined ? 404 : 200
    response.end(content ?? 'there is no such file')
  })
  server.listen(0, host)
  await once(server, 'listening')
  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}`,
    asked,
    async [Symbol.asyncDispose]() {
      if (!server.listening) return
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}
