/** The formats of assets and the names of stores, which nearly each page needs. */
import { useQuery } from '@tanstack/react-query'
import { getList, type Row } from './client'
import { retry } from './lists'

/** The most assets and stores that are known by one request. */
const KNOWN_MAX = '200'

/** Assets by their id; `undefined` while they are not known, without which no amount can be shown. */
export function useAssets(): ReadonlyMap<string, Row<'assets'>> | undefined {
  const { data } = useQuery({
    queryKey: ['assets'],
    queryFn: async () => new Map((await getList('assets', { limit: KNOWN_MAX })).data.map((it) => [it.id, it])),
    staleTime: 60_000,
    retry,
  })
  return data
}

const NONE: ReadonlyMap<string, never> = new Map<string, never>()

/** Stores by their number. */
export function useStores(): ReadonlyMap<string, Row<'stores'>> {
  const { data } = useQuery({
    queryKey: ['stores'],
    queryFn: async () => new Map((await getList('stores', { limit: KNOWN_MAX })).data.map((it) => [it.id, it])),
    staleTime: 30_000,
    retry,
  })
  return data ?? NONE
}

/** Programmes of credits by their number. */
export function useProgrammes(): ReadonlyMap<string, Row<'programmes'>> {
  const { data } = useQuery({
    queryKey: ['programmes'],
    queryFn: async () => new Map((await getList('programmes', { limit: KNOWN_MAX })).data.map((it) => [it.id, it])),
    staleTime: 30_000,
    retry,
  })
  return data ?? NONE
}
