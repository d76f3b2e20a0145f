/** Requests to the HTTP API of the indexer, and its errors. */
import type { Lists } from './rows'

export type ListName = keyof Lists
export type Row<L extends ListName> = Lists[L]['row']
export type Filters = { readonly [name: string]: string | undefined }

/** How fresh an answer is. */
export interface Freshness {
  readonly height: number | null
  readonly time: string | null
  readonly lagMs: number | null
}

export interface Page<T> {
  readonly data: T[]
  readonly next: string | null
  readonly freshness: Freshness
}

/** A request without an answer: `code` is stable, `OFFLINE` where nothing answers. */
export class ApiError extends Error {
  constructor(readonly code: string, message: string, readonly status: number) {
    super(message)
  }
}

/** How long an answer may take. */
const ANSWER_MAX_MS = 15_000

export function query(filters: Filters): string {
  const given = Object.entries(filters).filter((it): it is [string, string] => it[1] !== undefined && it[1] !== '')
  return given.length === 0 ? '' : `?${new URLSearchParams(given)}`
}

/** The address of a list, such as for its CSV. */
export const listUrl = (name: string, filters: Filters): string => `/v1/${name}${query(filters)}`

export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  const limit = AbortSignal.timeout(ANSWER_MAX_MS)
  let answer: Response
  try {
    answer = await fetch(path, { signal: signal === undefined ? limit : AbortSignal.any([signal, limit]), headers: { accept: 'application/json' } })
  } catch (error) {
    if (signal?.aborted === true) throw error
    throw new ApiError('OFFLINE', 'the server does not answer', 0)
  }
  const body = await answer.json().catch(() => undefined)
  if (answer.ok && body !== undefined) return body as T
  const { code, message } = body?.error ?? {}
  throw new ApiError(String(code ?? 'UNREADABLE'), String(message ?? `the server answered ${answer.status}`), answer.status)
}

export const getList = <L extends ListName>(name: L, filters: Filters, signal?: AbortSignal): Promise<Page<Row<L>>> =>
  get(listUrl(name, filters), signal)
