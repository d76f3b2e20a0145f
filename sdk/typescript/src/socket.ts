/** JSON-RPC over a WebSocket, with one subscription and a bounded queue. */
import { ProtocolError, UnreachableError } from './errors.js'
import { unwrap, type WebSocketClass } from './rpc.js'

/** The largest number of queued notices. A slower consumer loses the connection, and continues from its position. */
const NOTICES_MAX = 32
/** The largest queued text, in UTF-16 units. */
const QUEUE_CHARS_MAX = 32 << 20
/** The largest number of open requests of a connection. */
const REQUESTS_MAX = 16

/** A line on which nothing came in time. */
export class SilentError extends UnreachableError {
  override get name(): string {
    return 'UnreachableError'
  }
}

/** A connection to a node. */
export interface Socket {
  readonly url: string
  /** Calls a method. */
  request<T>(method: string, params: object): Promise<T>
  /** Starts the connection's subscription; `next` returns its notices. */
  subscribe(method: string, params: object): Promise<void>
  /** The next notice; `silent` when none came in time, `lagged` when some were dropped because the queue was full. */
  next(timeoutMs: number): Promise<unknown>
  /** Closes the connection. */
  close(): void
}

interface Waiting {
  readonly resolve: (answer: any) => void
  readonly reject: (error: Error) => void
  readonly timer: ReturnType<typeof setTimeout>
}

/** Opens a connection. Errors: `UnreachableError`. */
export async function openSocket(
  WebSocket: WebSocketClass,
  url: string,
  silenceMs: number,
  signal?: AbortSignal,
): Promise<Socket> {
  const line = new WebSocket(url.replace(/^http/, 'ws'))
  const requests = new Map<number, Waiting>()
  const queue: { notice: unknown; chars: number }[] = []
  let queued = 0
  let hasLagged = false
  let subscription: string | number | undefined
  let ended: Error | undefined
  let wake: () => void = () => {}
  let lastId = 0

  const end = (error: Error): void => {
    ended ??= error
    for (const [id, waiting] of requests) settle(id, (it) => it.reject(ended!), waiting)
    signal?.removeEventListener('abort', abort)
    line.close()
    wake()
  }
  const gone = (reason: string): void => end(new UnreachableError(url, reason, false))
  const silent = (reason: string): void => end(new SilentError(url, reason, false))
  const abort = (): void => gone('it was ended')
  const settle = (id: number, act: (waiting: Waiting) => void, waiting: Waiting): void => {
    clearTimeout(waiting.timer)
    requests.delete(id)
    act(waiting)
  }

  const receive = (text: unknown): void => {
    if (typeof text !== 'string') return end(new ProtocolError('the node sent something else than text'))
    let message: any
    try {
      message = JSON.parse(text)
    } catch {
      return end(new ProtocolError('the message of the node is not JSON'))
    }
    const waiting = requests.get(message?.id)
    if (waiting !== undefined) return settle(message.id, (it) => it.resolve(message), waiting)
    const params = message?.params
    if (params?.subscription === undefined) return end(new ProtocolError('the message of the node answers nothing'))
    if (subscription !== undefined && params.subscription !== subscription) return
    if (params.error !== undefined) return gone('the subscription was closed')
    if (hasLagged) return
    // Notices can come before the response that names their subscription; a connection has only one.
    if (queue.length >= NOTICES_MAX || queued + text.length > QUEUE_CHARS_MAX) {
      hasLagged = true
      line.close()
    } else {
      queue.push({ notice: params.result, chars: text.length })
      queued += text.length
    }
    wake()
  }

  line.addEventListener('message', (event) => receive(event.data))
  line.addEventListener('error', () => gone('the connection failed'))
  line.addEventListener('close', () => gone('the connection was closed'))
  signal?.addEventListener('abort', abort)
  if (signal?.aborted) abort()

  /** Waits until something happens. */
  const waked = (timeoutMs: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, timeoutMs)
      wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })

  line.addEventListener('open', () => wake())
  const opening = Date.now() + silenceMs
  while (line.readyState === 0 && ended === undefined && Date.now() < opening) await waked(opening - Date.now())
  if (line.readyState !== 1 && ended === undefined) silent('connecting took too long')
  if (ended !== undefined) throw ended

  const request = async <T>(method: string, params: object): Promise<T> => {
    if (ended !== undefined) throw ended
    if (requests.size >= REQUESTS_MAX) throw new ProtocolError(`more than ${REQUESTS_MAX} requests are under way on one line`)
    const id = ++lastId
    const answer = new Promise<unknown>((resolve, reject) => {
      const timer = setTimeout(() => silent('no answer came in time'), silenceMs)
      requests.set(id, { resolve, reject, timer })
    })
    line.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }))
    return unwrap<T>(await answer, id)
  }

  return {
    url,
    request,
    subscribe: async (method, params) => {
      subscription = await request<string | number>(method, params)
    },
    next: async (timeoutMs) => {
      const deadline = Date.now() + timeoutMs
      for (;;) {
        const first = queue.shift()
        if (first !== undefined) {
          queued -= first.chars
          return first.notice
        }
        if (hasLagged) return 'lagged'
        if (ended !== undefined) throw ended
        const left = deadline - Date.now()
        if (left <= 0) return 'silent'
        await waked(left)
      }
    },
    close: () => gone('it was ended'),
  }
}
