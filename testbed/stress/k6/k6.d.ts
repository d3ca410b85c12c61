/* What the script uses of k6 1.x, and nothing else: it has no types of its own, and @types/k6 describes another version. */

declare module 'k6/http' {
  export interface Response {
    /** 0 where there was no answer. */
    readonly status: number
    /** 0 where nothing went wrong, else https://grafana.com/docs/k6/latest/javascript-api/error-codes */
    readonly error_code: number
    readonly headers: Readonly<Record<string, string>>
    readonly body: string | null
    /** Milliseconds. `duration` is what k6 counts as http_req_duration: from the send to the end of the answer. */
    readonly timings: { readonly blocked: number; readonly duration: number }
  }
  export interface Params {
    readonly headers: Readonly<Record<string, string>>
    readonly timeout: number
    readonly responseType: 'text'
  }
  const http: { request(method: string, url: string, body: string | null, params: Params): Response }
  export default http
}

declare module 'k6/execution' {
  const execution: {
    readonly scenario: {
      /** Counted from 0 over all who send. Iterations that were dropped are not counted. */
      readonly iterationInTest: number
      /** Milliseconds since the Unix epoch. */
      readonly startTime: number
    }
  }
  export default execution
}

declare module 'k6/data' {
  /** An array that all who send share; what is taken out of it is a copy. */
  export const SharedArray: new <T>(name: string, make: () => T[]) => readonly T[]
}

declare const __ENV: Readonly<Record<string, string>>
declare function open(path: string): string
declare const console: { log(text: string): void }
