/** The live stream of blocks: keeps what is on the screen fresh, and knows how fresh it is. */
import type { Query, QueryClient } from '@tanstack/react-query'
import { useSyncExternalStore } from 'react'
import type { Freshness } from './client'

/** The state of the stream, and the last block that it announced. */
export interface Live {
  readonly stream: 'connecting' | 'open' | 'lost'
  readonly height: number | null
  /** The time of the last block by this browser's clock, ms. */
  readonly blockAt: number | null
}

interface BlockEvent {
  readonly height: number
  readonly time: string
  readonly transactions: number
  readonly modules: readonly string[]
}

/** Lists are read again at most so often. */
const REFRESH_EVERY_MS = 700
/** Lists that are computed from many rows are read again at most so often. */
const REPORT_EVERY_MS = 10_000
/** The pause before a stream that the server refused is opened again. */
const RETRY_MS = 2_000

let live: Live = { stream: 'connecting', height: null, blockAt: null }
const listeners = new Set<() => void>()

function set(change: Partial<Live>): void {
  live = { ...live, ...change }
  for (const listener of listeners) listener()
}

const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export const useLive = (): Live => useSyncExternalStore(subscribe, () => live)

/** Notes how fresh an answer was. The server knows the age of the block; clocks of two machines can differ. */
export function note({ height, lagMs }: Freshness): void {
  if (height === null || lagMs === null || height <= (live.height ?? -1)) return
  set({ height, blockAt: Date.now() - lagMs })
}

/** The module whose transactions change a list; none for lists of the chain. */
const MODULES: readonly (readonly [RegExp, string])[] = [
  [/^(stores?|products?|variants|prices|stock|categories|locations|orders|sub-orders|order-|shipments?|return-|escrow-payments|rating|store-|sales|market-days|open-orders|open-disputes|free-)/, 'marketplace'],
  [/^(postings|applications|offers|contracts|milestone|revisions|cancellation|job-|attestations|requirements|invitations)/, 'jobs'],
  [/^(programmes|services?|meters|grants|usage|credit|bill|account-limits|overdue)/, 'credit'],
  [/^(assets|supplies|balances|entries|holds|freezes|polic|allowance|pending|approvals|permit|requests?|escrow-exposures)/, 'wallet'],
  [/^(accounts|account-keys|organisations|roles|role-changes|memberships|validators|parameters|modules|proposals|recoveries)$/, 'kernel'],
]

/** The lists of views that read whole tables. */
const REPORTS = /^(sales-days|market-days|credit-days|credit-usage-days|network-days|validator-uptimes|escrow-exposures|open-orders|overdue-bills|credit-line-states|admin-actions)$/

/** Whether blocks change what a query holds. */
function isTouched(query: Query, modules: ReadonlySet<string>, withTransactions: boolean): boolean {
  const [kind, name] = query.queryKey as [string, string]
  // A list of several pages would move under the reader's eyes.
  const pages = (query.state.data as { pages?: readonly unknown[] } | undefined)?.pages
  if (pages !== undefined && pages.length > 1) return false
  if (kind !== 'list' && kind !== 'item' && kind !== 'feed') return false
  if (REPORTS.test(name) && Date.now() - query.state.dataUpdatedAt < REPORT_EVERY_MS) return false
  if (name === 'blocks' || name === 'missed-votes' || name === 'validator-uptimes') return true
  if (!withTransactions) return false
  const module = MODULES.find(([names]) => names.test(name))?.[1]
  return module === undefined || modules.has(module) || (module === 'kernel' && modules.size === 0)
}

/** Follows the stream until the page is left. */
export function follow(client: QueryClient): void {
  const modules = new Set<string>()
  let withTransactions = false
  let timer: ReturnType<typeof setTimeout> | undefined
  let refreshed = 0
  const refresh = (): void => {
    timer = undefined
    refreshed = Date.now()
    const touched = new Set(modules)
    const any = withTransactions
    modules.clear()
    withTransactions = false
    if (document.visibilityState === 'hidden') return
    void client.invalidateQueries({ predicate: (it) => isTouched(it, touched, any) })
  }
  let source: EventSource
  const open = (): void => {
    const own = (source = new EventSource('/v1/live'))
    source.addEventListener('open', () => {
      // What happened while there was no stream is read at once.
      if (live.stream === 'lost') void client.invalidateQueries()
      set({ stream: 'open' })
    })
    source.addEventListener('block', (event) => {
      const block = JSON.parse((event as MessageEvent<string>).data) as BlockEvent
      const seen = Date.parse(block.time)
      // A block of an idle chain is announced when its successor proves it.
      set({ stream: 'open', height: block.height, blockAt: Math.min(Date.now(), seen) })
      for (const module of block.modules) modules.add(module)
      withTransactions ||= block.transactions > 0
      timer ??= setTimeout(refresh, Math.max(0, refreshed + REFRESH_EVERY_MS - Date.now()))
    })
    source.addEventListener('error', () => {
      set({ stream: 'lost' })
      if (own.readyState === EventSource.CLOSED) setTimeout(() => { if (own === source) open() }, RETRY_MS)
    })
  }
  open()
  // The system knows at once when there is no network; a connection notices it late.
  addEventListener('offline', () => set({ stream: 'lost' }))
  addEventListener('online', () => {
    source.close()
    open()
  })
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') void client.invalidateQueries({ type: 'active' })
  })
}
