/** Transactions with their sentences. */
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { type Filters, getList, listUrl, type Row } from '../api/client'
import { retry } from '../api/lists'
import { note } from '../api/live'
import { useTexts } from '../texts'
import { Go } from './link'
import { Table } from './list'
import { Empty, Loading, Problem } from './parts'
import { TransactionSentence } from './sentence'
import { Account, HeightLink, Time } from './values'

/** The parts of a transaction by which it is described. */
const PARTS = 'firstCalls,firstEvents'

export function useTransactions(filters: Filters, limit: number) {
  return useInfiniteQuery({
    queryKey: ['feed', 'transactions', filters, limit],
    queryFn: async ({ pageParam, signal }) => {
      const page = await getList('transactions', { ...filters, include: PARTS, limit: String(limit), cursor: pageParam }, signal)
      note(page.freshness)
      return page
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
  const rows = list.data.pages.flatMap((it) => it.data)
  if (rows.length === 0) return <Empty>{empty}</Empty>
  const place = (it: Row<'transactions'>): string => `/explorer/transactions/${it.id}`
  return (
    <>
      <Table rows={rows} caption={t.explorer.transactions} dim={list.isPlaceholderData} keyOf={(it) => it.id} columns={[
        { head: t.explorer.time, cell: (it) => <Go to={place(it)} className="quiet"><Time at={it.time} /></Go> },
        { head: t.explorer.what, cell: (it) => <TransactionSentence transaction={it} calls={it.firstCalls} events={it.firstEvents} count={it.calls} /> },
        ...(brief ? [] : [
          { head: t.explorer.sender, wide: true, cell: (it: Row<'transactions'>) => <Account address={it.sender} /> },
          { head: t.explorer.height, end: true, wide: true, cell: (it: Row<'transactions'>) => <HeightLink height={it.height} /> },
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
