/** What the chain knows about an address: looked up once for all addresses that a page shows, in groups. */
import { useQuery } from '@tanstack/react-query'
import { get } from './client'

export interface Name {
  readonly address: string
  readonly kind: 'account' | 'module'
  readonly label: string | null
  readonly organisation: string | null
  readonly status: string
}

/** The most addresses that a request names: a value has at most 1,024 bytes. */
const GROUP_MAX = 15
/** How long addresses are collected for one request, ms. */
const COLLECT_MS = 10

interface Waiting {
  readonly answer: Promise<Map<string, Name>>
  readonly addresses: Set<string>
}

let waiting: Waiting | undefined

function ask(addresses: Set<string>): Promise<Map<string, Name>> {
  return new Promise((resolve, reject) => {
    setTimeout(() => {
      waiting = undefined
      get<{ data: Name[] }>(`/v1/names?addresses=${[...addresses].join(',')}`)
        .then(({ data }) => resolve(new Map(data.map((it) => [it.address, it]))), reject)
    }, COLLECT_MS)
  })
}

function nameOf(address: string): Promise<Name | null> {
  if (waiting === undefined || waiting.addresses.size >= GROUP_MAX) {
    const addresses = new Set<string>()
    waiting = { addresses, answer: ask(addresses) }
  }
  waiting.addresses.add(address)
  return waiting.answer.then((found) => found.get(address) ?? null)
}

/** The name of an address; `undefined` while it is not known, `null` where the chain has none. */
export function useName(address: string): Name | null | undefined {
  const { data } = useQuery({ queryKey: ['name', address], queryFn: () => nameOf(address), staleTime: 300_000, retry: false })
  return data
}
