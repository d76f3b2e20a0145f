/** A list of the API as a table: pages, states, and its CSV. */
import { useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { type Filters, listUrl, type ListName, type Row } from '../api/client'
import { useCounts, useList } from '../api/lists'
import { useTexts } from '../texts'
import { Choices, Empty, Loading, Problem } from './parts'
import { useStateWords } from './values'

export interface Column<T> {
  readonly head: string
  readonly cell: (row: T) => ReactNode
  /** Numbers are aligned at their end. */
  readonly end?: boolean
  /** Left out where there is no room for it. */
  readonly wide?: boolean
}

/** Rows as a table. */
export function Table<T>({ rows, columns, keyOf, caption, dim = false }: {
  rows: readonly T[]; columns: readonly Column<T>[]; keyOf: (row: T) => string; caption: string; dim?: boolean
}) {
  const classes = ({ end, wide }: Column<T>): string => [end === true ? 'end' : '', wide === true ? 'wide' : ''].join(' ').trim()
  return (
    <div className={`table${dim ? ' dim' : ''}`} role="group" aria-label={caption} tabIndex={0}>
      <table>
        <caption className="visually-hidden">{caption}</caption>
        <thead><tr>{columns.map((it) => <th key={it.head} scope="col" className={classes(it)}>{it.head}</th>)}</tr></thead>
        <tbody>
          {rows.map((row) => <tr key={keyOf(row)}>{columns.map((it) => <td key={it.head} className={classes(it)}>{it.cell(row)}</td>)}</tr>)}
        </tbody>
      </table>
    </div>
  )
}

export function List<L extends ListName>({ name, filters = {}, columns, empty, caption, keyOf, limit = 50, csv = true, enabled = true, keep }: {
  name: L
  filters?: Filters
  columns: readonly Column<Row<L>>[]
  empty: ReactNode
  caption: string
  keyOf: (row: Row<L>) => string
  limit?: number
  csv?: boolean
  enabled?: boolean
  /** Which rows are shown, for restrictions that the API does not have. */
  keep?: (row: Row<L>) => boolean
}) {
  const t = useTexts()
  const client = useQueryClient()
  const list = useList(name, filters, { limit, enabled })
  if (list.data === undefined) return list.error === null ? <Loading rows={6} /> : <Problem error={list.error} again={() => void list.refetch()} />
  const all = list.data.pages.flatMap((it) => it.data) as Row<L>[]
  const rows = keep === undefined ? all : all.filter(keep)
  const isPaused = list.data.pages.length > 1
  return (
    <>
      {isPaused && (
        <div className="paused"><span>{t.state.paused}</span><button type="button" className="plain" onClick={() => void client.resetQueries({ queryKey: ['list', name, filters] })}>{t.state.newest}</button></div>
      )}
      {rows.length === 0 ? <Empty>{empty}</Empty> : <Table rows={rows} columns={columns} keyOf={keyOf} caption={caption} dim={list.isPlaceholderData} />}
      <div className="list-foot">
        {list.hasNextPage && <button type="button" disabled={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>{list.isFetchingNextPage ? t.state.loading : t.state.more}</button>}
        {csv && rows.length > 0 && <a href={listUrl(name, { ...filters, format: 'csv' })} download={`${name}.csv`}>{t.state.csv}</a>}
      </div>
    </>
  )
}

/** States as a filter. */
export function StateFilter({ value, of, named, choose }: { value: string | undefined; of: readonly string[]; named?: (state: string) => string; choose: (state: string | undefined) => void }) {
  const t = useTexts()
  const words = useStateWords()
  return <Choices label={t.market.state} value={value} choose={choose} of={[['', t.state.all], ...of.map((it) => [it, (named ?? words)(it)] as const)]} />
}

/** The same for a list, with how many rows each has. */
export function StateChoices({ list, filters = {}, value, of, choose }: { list: ListName; filters?: Filters; value: string | undefined; of: readonly string[]; choose: (state: string | undefined) => void }) {
  const words = useStateWords()
  const counts = useCounts(list, 'state', filters)
  const named = (state: string): string => {
    const count = counts?.get(state)
    return count === undefined ? words(state) : `${words(state)} ${count}`
  }
  return <StateFilter value={value} of={of} named={named} choose={choose} />
}
