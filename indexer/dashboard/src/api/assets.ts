/** The formats of assets and the names of stores, which nearly each page needs. */
import { useQuery } from '@tanstack/react-query'
import { getList, type Row } from './client'
import { retry } from './lists'

/** The most assets and stores that are known by one request. */
const KNOWN_MAX = '200'

/** The rows of a list that are known, by their id; `undefined` until they are. */
function useKnown<N extends 'assets' | 'stores' | 'programmes'>(name: N, staleTime: number): ReadonlyMap<string, Row<N>> | undefined {
  const { data } = useQuery({
    queryKey: [name],
    queryFn: async () => new Map((await getList(name, { limit: KNOWN_MAX })).data.map((it) => [it.id, it])),
    staleTime,
    retry,
  })
  return data
}

/** Assets by their id; `undefined` while they are not known, without which no amount can be shown. */
export const useAssets = (): ReadonlyMap<string, Row<'assets'>> | undefined => useKnown('assets', 60_000)

const NONE: ReadonlyMap<string, never> = new Map<string, never>()

/** Stores by their number. */
export const useStores = (): ReadonlyMap<string, Row<'stores'>> => useKnown('stores', 30_000) ?? NONE

/** Programmes of credits by their number. */
export const useProgrammes = (): ReadonlyMap<string, Row<'programmes'>> => useKnown('programmes', 30_000) ?? NONE
