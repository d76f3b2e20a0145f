/** Transactions with their sentences. */
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { type Filters, getList, listUrl, type ListName, type Row } from '../api/client'
import { retry } from '../api/lists'
import { note } from '../api/live'
import { useTexts } from '../texts'
import { Go } from './link'
import { Table } from './list'
import { Empty, Loading, Problem } from './parts'
import { TransactionSentence } from './sentence'
import { Account, HeightLink, Time } from './values'

export interface Described {
  readonly transaction: Row<'transactions'>
  readonly calls: readonly Row<'calls'>[]
  readonly events: readonly Row<'events'>[]
}

/** The most requests for the calls, or events, of a page of transactions. */
const PARTS_MAX = 8

/** All rows of a list in a range of heights, as far as some requests reach. */
async function inRange<L extends ListName>(name: L, from: number, to: number, signal: AbortSignal): Promise<Row<L>[]> {
  const rows: Row<L>[] = []
  let cursor: string | null | undefined
  for (let part = 0; part < PARTS_MAX && cursor !== null; part += 1) {
    const page = await getList(name, { from: String(from), to: String(to), limit: '200', cursor }, signal)
    rows.push(...page.data)
    cursor = page.next
  }
  return rows
}

/** Heights in groups that are near each other: what is between two groups is not read. */
export function ranges(heights: readonly number[], gap: number): [number, number][] {
  const found: [number, number][] = []
  for (const height of [...new Set(heights)].sort((a, b) => a - b)) {
    const last = found.at(-1)
    if (last !== undefined && height - last[1] <= gap) last[1] = height
    else found.push([height, height])
  }
  return found
}

/** The largest distance of two heights that are read together. */
const GAP = 12

async function withParts(transactions: readonly Row<'transactions'>[], signal: AbortSignal): Promise<Described[]> {
  // Genesis has as many events as the network has accounts.
  const groups = ranges(transactions.filter((it) => it.height > 0).map((it) => it.height), GAP)
  const parts = await Promise.all(groups.map(async ([from, to]) => Promise.all([inRange('calls', from, to, signal), inRange('events', from, to, signal)])))
  const [calls, events] = [parts.flatMap((it) => it[0]), parts.flatMap((it) => it[1])]
  return transactions.map((transaction) => {
    const isOf = (it: { height: number; index: number }): boolean => it.height === transaction.height && it.index === transaction.index
    return { transaction, calls: calls.filter(isOf).sort((a, b) => a.call - b.call), events: events.filter(isOf).sort((a, b) => a.event - b.event) }
  })
}

export function useTransactions(filters: Filters, limit: number) {
  return useInfiniteQuery({
    queryKey: ['feed', 'transactions', filters, limit],
    queryFn: async ({ pageParam, signal }) => {
      const page = await getList('transactions', { ...filters, limit: String(limit), cursor: pageParam }, signal)
      note(page.freshness)
      return { rows: await withParts(page.data, signal), next: page.next }
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    placeholderData: keepPreviousData,
    retry,
  })
}

export function TransactionList({ filters = {}, limit = 25, empty, brief = false }: { filters?: Filters; limit?: number; empty: ReactNode; brief?: boolean }) {
  const t = useTexts()
  const list = useTransactions(filters, limit)
  if (list.data === undefined) return list.error === null ? <Loading rows={8} /> : <Problem error={list.error} again={() => void list.refetch()} />
  const rows = list.data.pages.flatMap((it) => it.rows)
  if (rows.length === 0) return <Empty>{empty}</Empty>
  const place = (it: Described): string => `/explorer/transactions/${it.transaction.id}`
  return (
    <>
      <Table rows={rows} caption={t.explorer.transactions} dim={list.isPlaceholderData} keyOf={(it) => it.transaction.id} columns={[
        { head: t.explorer.time, cell: (it) => <Go to={place(it)} className="quiet"><Time at={it.transaction.time} /></Go> },
        { head: t.explorer.what, cell: (it) => <TransactionSentence {...it} /> },
        ...(brief ? [] : [
          { head: t.explorer.sender, wide: true, cell: (it: Described) => <Account address={it.transaction.sender} /> },
          { head: t.explorer.height, end: true, wide: true, cell: (it: Described) => <HeightLink height={it.transaction.height} /> },
        ]),
      ]} />
      {!brief && (
        <div className="list-foot">
          {list.hasNextPage && <button type="button" disabled={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>{list.isFetchingNextPage ? t.state.loading : t.state.more}</button>}
          <a href={listUrl('transactions', { ...filters, format: 'csv' })} download="transactions.csv">{t.state.csv}</a>
        </div>
      )}
    </>
  )
}
