/** Hooks that read lists and single rows. */
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { ApiError, type Filters, get, getList, type Freshness, type ListName, query, type Row } from './client'
import { note } from './live'

/** A client error stays one; everything else is tried twice more. */
export const retry = (count: number, error: Error): boolean =>
  count < 2 && !(error instanceof ApiError && error.status >= 400 && error.status < 500)

/** The pages of a list so far, the newest of which can be extended. */
export function useList<L extends ListName>(name: L, filters: Filters = {}, options: { limit?: number; enabled?: boolean } = {}) {
  const limit = String(options.limit ?? 50)
  return useInfiniteQuery({
    queryKey: ['list', name, filters, limit],
    queryFn: async ({ pageParam, signal }) => {
      const page = await getList(name, { ...filters, limit, cursor: pageParam }, signal)
      note(page.freshness)
      return page
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    enabled: options.enabled ?? true,
    placeholderData: keepPreviousData,
    retry,
  })
}

/** The first rows of a list. */
export function useRows<L extends ListName>(name: L, filters: Filters = {}, options: { limit?: number; enabled?: boolean } = {}) {
  const limit = String(options.limit ?? 200)
  return useQuery({
    queryKey: ['list', name, filters, limit, 'first'],
    queryFn: async ({ signal }) => {
      const page = await getList(name, { ...filters, limit }, signal)
      note(page.freshness)
      return page.data as Row<L>[]
    },
    enabled: options.enabled ?? true,
    placeholderData: keepPreviousData,
    retry,
  })
}

/** The one row with a key. `null` where there is none. */
export function useRow<L extends ListName>(name: L, key: Filters, enabled = true) {
  return useQuery({
    queryKey: ['list', name, key, 'one'],
    queryFn: async ({ signal }) => {
      const page = await getList(name, { ...key, limit: '1' }, signal)
      note(page.freshness)
      return (page.data[0] ?? null) as Row<L> | null
    },
    enabled,
    retry,
  })
}

/** An item with what belongs to it, such as a block. */
export function useItem<T>(kind: 'blocks' | 'transactions' | 'accounts', id: string) {
  return useQuery({
    queryKey: ['item', kind, id],
    queryFn: async ({ signal }) => {
      const { data, freshness } = await get<{ data: T; freshness: Freshness }>(`/v1/${kind}/${encodeURIComponent(id)}`, signal)
      note(freshness)
      return data
    },
    retry,
  })
}

/** How many rows of a list have each value of a column. */
export function useCounts(name: ListName, column: string, filters: Filters): ReadonlyMap<string, number> | undefined {
  const { data } = useQuery({
    queryKey: ['list', name, filters, 'counts', column],
    queryFn: async ({ signal }) => {
      const { data: counts } = await get<{ data: { value: string; count: number }[] }>(`/v1/${name}/counts${query({ ...filters, column })}`, signal)
      return new Map(counts.map((it) => [it.value, it.count]))
    },
    placeholderData: keepPreviousData,
    retry,
  })
  return data
}
