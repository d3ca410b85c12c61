import { ZookeeperError } from './errors.ts'
import type { Created, MultiOp, MultiResults } from './multi.ts'
import type {
  CreateOptions,
  RequestOptions,
  Session,
  SessionEvent,
  SessionState,
  Stat,
  Watch,
  WatchEvent,
  ZookeeperOptions,
} from './types.ts'

export class Zookeeper implements AsyncDisposable {
  readonly options: ZookeeperOptions

  private constructor(options: ZookeeperOptions) {
    this.options = options
  }

  static connect(options: ZookeeperOptions): Zookeeper {
    return new Zookeeper(options)
  }

  get state(): SessionState {
    return 'connecting'
  }

  get session(): Session | null {
    return null
  }

  sessionSafe(): boolean {
    return false
  }

  ready(_signal?: AbortSignal): Promise<void> {
    return later()
  }

  onSession(_listener: (event: SessionEvent) => void): Disposable {
    return { [Symbol.dispose]() {} }
  }

  create(_path: string, _data: Buffer | string, _options: CreateOptions & RequestOptions = {}): Promise<Created> {
    return later()
  }

  delete(_path: string, _version = -1, _options: RequestOptions = {}): Promise<void> {
    return later()
  }

  exists(_path: string, _options: RequestOptions = {}): Promise<Stat | null> {
    return later()
  }

  getData(_path: string, _options: RequestOptions = {}): Promise<{ data: Buffer; stat: Stat }> {
    return later()
  }

  setData(_path: string, _data: Buffer | string, _version = -1, _options: RequestOptions = {}): Promise<Stat> {
    return later()
  }

  getChildren(_path: string, _options: RequestOptions = {}): Promise<{ names: readonly string[]; stat: Stat }> {
    return later()
  }

  sync(_path: string, _options: RequestOptions = {}): Promise<void> {
    return later()
  }

  multi<const Ops extends readonly MultiOp[]>(_ops: Ops, _options: RequestOptions = {}): Promise<MultiResults<Ops>> {
    return later()
  }

  addWatch(
    _path: string,
    _options: { readonly recursive: boolean },
    _listener: (event: WatchEvent) => void,
  ): Promise<Watch> {
    return later()
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

const later = () => Promise.reject(new ZookeeperError('UNIMPLEMENTED', 'not yet'))
