/** What happens right now, in words and money, and what needs attention. */
import type { ReactNode } from 'react'
import { useRows } from '../api/lists'
import { fill, Filled, useLocale, useTexts } from '../texts'
import { Go } from '../ui/link'
import { Answer, Bars, Empty, Page, Section } from '../ui/parts'
import { TransactionList } from '../ui/transactions'
import { Amount, Count, OrderLink, State, StoreLink, useAge } from '../ui/values'

/** The blocks of the chart, and its parts. */
const BLOCKS = 200
const PARTS = 40
/** The most rows of each kind that need attention. */
const ATTENTION_MAX = 5
/** A validator that signed less of its blocks needs attention, percent. */
const SIGNED_MIN = 90

interface Sum {
  readonly asset: string
  readonly value: bigint
}

/** Sums of a column by asset, the largest first. */
function sums<T extends { asset: string }>(rows: readonly T[], value: (row: T) => string | null): Sum[] {
  const found = new Map<string, bigint>()
  for (const row of rows) found.set(row.asset, (found.get(row.asset) ?? 0n) + BigInt(value(row) ?? 0))
  return [...found].map(([asset, it]) => ({ asset, value: it })).sort((a, b) => (a.value < b.value ? 1 : -1))
}

function Money({ of }: { of: readonly Sum[] | undefined }) {
  const t = useTexts()
  if (of === undefined) return <Unknown />
  if (of.length === 0) return <span className="none">{t.home.nothing}</span>
  return <>{of.slice(0, 3).map((it) => <div key={it.asset}><Amount value={it.value.toString()} asset={it.asset} /></div>)}</>
}

/** What was not read yet, or could not be: no number, since each would be wrong. */
const Unknown = () => <span className="none">…</span>

function Figure({ name, to, children, note }: { name: string; to: string; children: ReactNode; note?: ReactNode }) {
  return <Go to={to} className="figure"><span className="figure-name">{name}</span><span className="figure-value">{children}</span><span className="figure-note">{note}</span></Go>
}

const total = (rows: readonly object[], column: string): number => rows.reduce((sum, it) => sum + Number((it as Record<string, unknown>)[column] ?? 0), 0)

function Figures() {
  const t = useTexts()
  const day = new Date().toISOString().slice(0, 10)
  const { data: sold } = useRows('market-days', { from: day })
  const { data: escrow } = useRows('escrow-exposures')
  const { data: used } = useRows('credit-days', { from: day })
  const { data: days } = useRows('network-days', { from: day }, { limit: 2 })
  const votes = useRows('validator-uptimes')
  const [today] = days ?? []
  const signing = (votes.data ?? []).filter((it) => Number(it.uptimePercent ?? 100) >= SIGNED_MIN).length
  return (
    <div className="figures" aria-label={t.home.today} role="group">
      <Figure name={t.home.ordered} to="/market" note={sold && fill(t.home.orders, { n: total(sold, 'orders') })}><Money of={sold && sums(sold, (it) => it.ordered)} /></Figure>
      <Figure name={t.home.paidOut} to="/market"><Money of={sold && sums(sold, (it) => it.paid)} /></Figure>
      <Figure name={t.home.escrow} to="/wallet/holds" note={escrow && fill(t.home.holds, { n: total(escrow, 'holds') })}><Money of={escrow && sums(escrow, (it) => it.amount)} /></Figure>
      <Figure name={t.home.credits} to="/credit/usage" note={used && fill(t.home.usages, { n: total(used, 'usages') })}>{used === undefined ? <Unknown /> : <Count value={used.reduce((sum, it) => sum + BigInt(it.credits ?? 0), 0n).toString()} />}</Figure>
      <Figure name={t.home.transactions} to="/explorer" note={today !== undefined && Number(today.failed) > 0 ? <span className="failure">{fill(t.home.failed, { n: today.failed ?? 0 })}</span> : undefined}>{days === undefined ? <Unknown /> : <Count value={today?.transactions ?? 0} />}</Figure>
      <Figure name={t.home.health} to="/network" note={t.home.healthNote}>{votes.data === undefined ? <Unknown /> : fill(t.home.healthy, { n: signing, all: votes.data.length })}</Figure>
    </div>
  )
}

function Attention() {
  const t = useTexts()
  const orders = useRows('open-orders', { isLate: 'true' }, { limit: ATTENTION_MAX })
  const disputes = useRows('open-disputes', {}, { limit: ATTENTION_MAX })
  const bills = useRows('overdue-bills', {}, { limit: ATTENTION_MAX })
  const votes = useRows('validator-uptimes')
  const late = orders.data ?? []
  // Each of these lists is needed to say that nothing needs attention.
  const asked = [orders, disputes, bills, votes]
  const missed = asked.find((it) => it.data === undefined)
  const open = disputes.data ?? []
  const missing = (votes.data ?? []).filter((it) => Number(it.uptimePercent ?? 100) < SIGNED_MIN)
  const rows: [string, ReactNode][] = [
    ...late.map((it): [string, ReactNode] => [`order ${it.subOrder}`, <Filled text={t.home.late} values={{ id: <OrderLink id={it.subOrder} />, store: <StoreLink id={it.store ?? ''} />, who: it.mustAct }} />]),
    ...open.map((it): [string, ReactNode] => [`dispute ${it.module} ${it.dispute}`, <Filled text={t.home.dispute} values={{ about: it.module === 'marketplace' ? <OrderLink id={it.itemId ?? ''} /> : <Go to="/jobs/contracts">{it.itemId}</Go>, state: <State of={it.state} /> }} />]),
    ...(bills.data ?? []).map((it): [string, ReactNode] => [`bill ${it.bill}`, <Filled text={t.home.overdue} values={{ id: <Go to="/credit/overdue">{it.bill}</Go>, amount: <Amount value={it.open} asset={it.asset} /> }} />]),
    ...missing.map((it): [string, ReactNode] => [`validator ${it.validator}`, <Filled text={t.home.votes} values={{ name: <Go to="/network">{it.name}</Go>, percent: String(it.uptimePercent) }} />]),
  ]
  return (
    <Answer of={{ error: missed?.error ?? null, refetch: () => missed?.refetch(), data: missed === undefined ? rows : undefined }}>
      {(found) => found.length === 0 ? <Empty>{t.home.calm}</Empty> : <ul className="attention">{found.map(([key, it]) => <li key={key}>{it}</li>)}</ul>}
    </Answer>
  )
}

/** Transactions of the last blocks, by parts of the time that these took. */
function Activity() {
  const t = useTexts()
  const age = useAge()
  const locale = useLocale()
  const blocks = useRows('blocks', {}, { limit: BLOCKS })
  const rows = blocks.data ?? []
  const times = rows.map((it) => Date.parse(it.time))
  const [first, last] = [Math.min(...times), Math.max(...times)]
  const size = Math.max(1, (last - first) / PARTS)
  const clock = (at: number): string => new Date(at).toLocaleTimeString(locale)
  const parts = Array.from({ length: PARTS }, (_, at) => ({ key: String(at), name: clock(first + at * size), value: 0 }))
  rows.forEach((it, at) => {
    const part = parts[Math.min(PARTS - 1, Math.floor(((times[at] ?? first) - first) / size))]
    if (part !== undefined) part.value += it.transactions
  })
  const title = rows.length < 2 ? t.home.transactions : fill(t.home.activity, { age: age(last - first) })
  return (
    <Section title={title}>
      <Answer of={blocks}>{() => <Bars label={title} of={parts.map((it) => ({ ...it, shown: String(it.value) }))} />}</Answer>
    </Section>
  )
}

export function Home() {
  const t = useTexts()
  return (
    <Page title={t.home.title} about={t.home.about}>
      <h2 className="overline">{t.home.today}</h2>
      <Figures />
      <div className="columns">
        <Section title={t.home.feed} flush aside={<Go to="/explorer">{t.home.all}</Go>}><TransactionList limit={14} empty={t.explorer.empty} brief /></Section>
        <div className="column">
          <Section title={t.home.attention}><Attention /></Section>
          <Activity />
        </div>
      </div>
    </Page>
  )
}
