/** JSON-RPC requests to the nodes of a chain, one after another until one answers. */
import { fromHex } from './bytes.js'
import type { Network } from './address.js'
import { EhbError, ProtocolError, RefusedError, UnreachableError } from './errors.js'
import type { ErrorData, Status } from './views.js'

/** The chain of a client's nodes. */
export interface Chain {
  /** The id, for people. */
  readonly id: string
  /** The class of network, which determines the prefix of addresses. */
  readonly network: Network
  /** The genesis hash, which every signature covers: 64 hex digits. */
  readonly genesisHash: string
}

/** Timeouts, milliseconds. */
export interface Patience {
  /** How long a node may take to respond, and how long a subscription may be silent before the node is asked. */
  readonly silenceMs: number
  /** The pause after the first failure; each further one is twice as long, less a random part. */
  readonly pauseFirstMs: number
  /** The longest pause. */
  readonly pauseMaxMs: number
  /** How long nodes may be away, such as for a restart, before a follower throws the error. */
  readonly outageMs: number
}

/** Options of `connect`. */
export interface ConnectOptions {
  readonly patience?: Partial<Patience>
  /** Refuses a node whose genesis has another hash. */
  readonly genesisHash?: string
  /** The WebSocket class, where the platform has none (Node 20): that of the package `ws`. */
  readonly WebSocket?: WebSocketClass
}

/** The part of the WebSocket interface that followers use. */
export type WebSocketClass = new (url: string) => WebSocket

/** A connection to the nodes of one chain, of which one is in use. All functions of this library take it first. */
export interface Client {
  readonly chain: Chain
  readonly urls: readonly string[]
  readonly patience: Patience
  readonly WebSocket: WebSocketClass | undefined
  /** The index of the node in use. */
  current: number
  /** Caches of functions, each under its own key. */
  readonly memory: Map<symbol, unknown>
}

/** The largest number of nodes of a client. */
const URLS_MAX = 64
/** The largest response, bytes. */
const ANSWER_BYTES_MAX = 64 << 20
/** How often a read-only request is repeated after a connection failure. */
const READ_RETRIES_MAX = 2

const PATIENCE: Patience = { silenceMs: 15_000, pauseFirstMs: 100, pauseMaxMs: 5_000, outageMs: 600_000 }

/** Connects to the first node that responds. `urls` are `http://host:port` or `https://`. */
export async function connect(urls: string | readonly string[], options: ConnectOptions = {}): Promise<Client> {
  const list = (typeof urls === 'string' ? [urls] : urls).map(httpUrl)
  if (list.length < 1 || list.length > URLS_MAX) throw new ProtocolError(`give 1 to ${URLS_MAX} addresses of nodes`)
  const patience = { ...PATIENCE, ...options.patience }
  let first: unknown
  for (const [current, url] of list.entries()) {
    try {
      const status = await ask<Status>(url, 'chain_status', {}, patience.silenceMs)
      const chain = chainOf(status)
      if (options.genesisHash !== undefined && options.genesisHash !== chain.genesisHash) {
        throw new ProtocolError(`the node at ${url} is on the chain with genesis ${chain.genesisHash}, not ${options.genesisHash}`)
      }
      const WebSocket = options.WebSocket ?? globalThis.WebSocket
      return { chain, urls: list, patience, WebSocket, current, memory: new Map() }
    } catch (error) {
      first ??= error
    }
  }
  throw first
}

/** The chain that a node's status shows. */
export function chainOf(status: Status): Chain {
  const { chainId: id, network, genesisHash } = status ?? {}
  const isSound = typeof id === 'string' && (network === 'main' || network === 'test') && typeof genesisHash === 'string'
  if (!isSound) throw new ProtocolError('the status of the node names no chain')
  fromHex(genesisHash, 32)
  return { id, network, genesisHash }
}

/** The address of a node in the form that HTTP needs. */
function httpUrl(url: string): string {
  const [, scheme, rest] = /^(http|ws|https|wss):\/\/(.+?)\/*$/.exec(url) ?? []
  if (scheme === undefined) {
    throw new ProtocolError(`${JSON.stringify(url.slice(0, 80))} is no address of a node: write http://host:port or https://host:port`)
  }
  return `${scheme.replace('ws', 'http')}://${rest}`
}

/** The address of the node in use. */
export const urlOf = (client: Client): string => client.urls[client.current]!

/**
 * Calls a read-only method. After a connection failure it is repeated, at the next node where
 * there are several. For methods that change something use `callOnce`.
 */
export async function call<T>(client: Client, method: string, params: object = {}): Promise<T> {
  for (let failures = 1; ; failures++) {
    try {
      return await callOnce<T>(client, method, params)
    } catch (error) {
      if (!(error instanceof UnreachableError) || failures > READ_RETRIES_MAX) throw error
      await pause(client.patience, failures)
      await failOver(client)
    }
  }
}

/** Calls a method once, at the node in use. */
export function callOnce<T>(client: Client, method: string, params: object, timeoutMs?: number): Promise<T> {
  return ask<T>(urlOf(client), method, params, timeoutMs ?? client.patience.silenceMs)
}

/** Whether the node in use reports that what it accepts cannot become final now, and there are others. */
export async function hasBetter(client: Client): Promise<boolean> {
  if (client.urls.length === 1) return false
  try {
    return (await callOnce<Status>(client, 'chain_status', {})).ready === false
  } catch {
    return false
  }
}

/** Switches to another node of the same chain that responds, when the one in use does not: to one that is ready, where there is one. */
export async function failOver(client: Client): Promise<void> {
  const failed = client.current
  let unready: number | undefined
  const switchTo = (index: number): void => {
    if (client.current === failed) client.current = index
  }
  for (let step = 1; step < client.urls.length; step++) {
    const index = (failed + step) % client.urls.length
    try {
      const status = await ask<Status>(client.urls[index]!, 'chain_status', {}, client.patience.silenceMs)
      if (chainOf(status).genesisHash !== client.chain.genesisHash) continue
      if (status.ready !== false) return switchTo(index)
      unready ??= index
    } catch {
      // The next one is tried.
    }
  }
  if (unready !== undefined) switchTo(unready)
}

/** Pauses after this many failures in a row. The random part spreads clients that were cut off together. */
export function pause(patience: Patience, failures: number): Promise<void> {
  const doubled = patience.pauseFirstMs * 2 ** Math.min(failures - 1, 16)
  return sleep(Math.min(doubled, patience.pauseMaxMs) * (1 - Math.random() / 2))
}

/** Resolves after this time. */
export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

let lastId = 0

async function ask<T>(url: string, method: string, params: object, timeoutMs: number): Promise<T> {
  const id = ++lastId
  const body = JSON.stringify({ jsonrpc: '2.0', id, method, params })
  const abort = new AbortController()
  const timer = setTimeout(() => abort.abort(), timeoutMs)
  let text: string
  let status: number
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      signal: abort.signal,
      redirect: 'error',
    })
    status = response.status
    text = await readBounded(response, abort)
  } catch (error) {
    if (error instanceof EhbError) throw error
    const reason = abort.signal.aborted ? `no answer within ${timeoutMs} ms` : causes(error)
    throw new UnreachableError(url, reason, neverSent(error))
  } finally {
    clearTimeout(timer)
  }
  return resultOf<T>(url, status, id, text)
}

async function readBounded(response: Response, abort: AbortController): Promise<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let [text, bytes] = ['', 0]
  const reader = response.body?.getReader()
  for (;;) {
    const part = await reader?.read()
    if (part === undefined || part.done) break
    bytes += part.value.length
    if (bytes > ANSWER_BYTES_MAX) {
      abort.abort()
      throw new ProtocolError(`the node's answer is longer than ${ANSWER_BYTES_MAX} bytes`)
    }
    text += decoder.decode(part.value, { stream: true })
  }
  return text + decoder.decode()
}

function resultOf<T>(url: string, status: number, id: number, text: string): T {
  let answer: unknown
  try {
    answer = JSON.parse(text)
  } catch {
    if (status !== 200) throw new UnreachableError(url, `HTTP status ${status}`, false)
    throw new ProtocolError('the answer of the node is not JSON')
  }
  return unwrap<T>(answer, id)
}

/** The result in a JSON-RPC response. Errors: `RefusedError`, or `ProtocolError` for anything else. */
export function unwrap<T>(answer: unknown, id: number): T {
  const { jsonrpc, id: answered, result, error } = (answer ?? {}) as Record<string, any>
  if (jsonrpc !== '2.0') throw new ProtocolError('the answer of the node is not JSON-RPC 2.0')
  if (error != null) throw refusal(error)
  if (answered !== id) throw new ProtocolError('the answer of the node belongs to another request')
  if (result === undefined) throw new ProtocolError('the answer of the node has neither result nor error')
  return result as T
}

function refusal(error: { message?: unknown; data?: Partial<ErrorData> }): EhbError {
  const { code, message, hint, retryable } = error.data ?? {}
  if (typeof code !== 'string') return new ProtocolError(String(error.message).slice(0, 512))
  const data = {
    code,
    message: String(message),
    hint: typeof hint === 'string' ? hint : '',
    retryable: retryable === true,
  }
  return new RefusedError(error.data?.error === undefined ? data : { ...data, error: error.data.error })
}

/** System errors after which nothing can have been sent. */
const NEVER_SENT = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT']

/** Whether an error shows that nothing was sent: no connection was made. Browsers do not report this. */
function neverSent(error: unknown): boolean {
  const { code, cause, errors } = (error ?? {}) as { code?: string; cause?: unknown; errors?: unknown[] }
  if (code !== undefined && NEVER_SENT.includes(code)) return true
  if (Array.isArray(errors) && errors.length > 0) return errors.every(neverSent)
  return cause !== undefined && neverSent(cause)
}

/** An error with its causes. */
function causes(error: unknown): string {
  const { message, cause, code } = (error ?? {}) as { message?: string; cause?: unknown; code?: string }
  const own = message || code || String(error)
  return cause === undefined ? own : `${own}: ${causes(cause)}`
}
