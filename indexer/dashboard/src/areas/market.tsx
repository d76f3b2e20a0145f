/** The marketplace: orders with their time line, escrow and disputes; products with stock and prices; stores. */
import { useParams } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { Row } from '../api/client'
import { useRow, useRows } from '../api/lists'
import { fill, Filled, useTexts } from '../texts'
import { Go, only, useFilters } from '../ui/link'
import { type Column, List, StateChoices, Table } from '../ui/list'
import { Answer, Bars, Empty, Entry, Facts, Page, Section, Select, Tabs, Timeline, Toolbar } from '../ui/parts'
import { Account, Amount, amountText, ContractLink, Count, Deadline, Hash, OrderLink, percent, Plain, ProductLink, State, StoreLink, Time, useStateWords } from '../ui/values'
import { useAssets, useStores } from '../api/assets'
import { useLocale } from '../texts'
import { type Action, Actions } from '../ui/act'

/** The states that a list of orders is filtered by. */
const STATES = ['placed', 'accepted', 'shipped', 'delivered', 'disputed', 'completed', 'cancelled', 'returned', 'resolved'] as const

function Head({ title, children }: { title: ReactNode; children: ReactNode }) {
  const t = useTexts()
  return (
    <Page title={title}>
      <Tabs label={t.market.title} of={[['/market', t.market.orders], ['/market/products', t.market.products], ['/market/stores', t.market.stores], ['/market/disputes', t.market.disputes]]} />
      {children}
    </Page>
  )
}

function useStoreChoice(): readonly (readonly [string, string])[] {
  const t = useTexts()
  const stores = useStores()
  return [['', t.state.all], ...[...stores.values()].map((it) => [it.id, it.name] as const)]
}

export function Orders() {
  const t = useTexts()
  const [filters, change] = useFilters()
  return (
    <Head title={t.market.title}>
      <Toolbar>
        <StateChoices list="sub-orders" filters={only(filters, 'store', 'buyer')} value={filters['state']} choose={(state) => change({ state })} of={STATES} />
        <Select label={t.market.store} value={filters['store']} choose={(store) => change({ store })} of={useStoreChoice()} />
        <Entry label={t.market.buyer} value={filters['buyer']} enter={(buyer) => change({ buyer })} hint="ehbt1…" />
      </Toolbar>
      <Section flush><OrderList filters={only(filters, 'state', 'store', 'buyer', 'orderId')} /></Section>
    </Head>
  )
}

function OrderList({ filters, withoutStore = false }: { filters: { readonly [name: string]: string | undefined }; withoutStore?: boolean }) {
  const t = useTexts()
  const columns: Column<Row<'sub-orders'>>[] = [
    { head: t.market.order, cell: (it) => <OrderLink id={it.id} /> },
    { head: t.market.state, cell: (it) => <State of={it.state} /> },
    ...(withoutStore ? [] : [{ head: t.market.store, cell: (it: Row<'sub-orders'>) => <StoreLink id={it.store} /> }]),
    { head: t.market.buyer, wide: true, cell: (it) => <Account address={it.buyer} /> },
    { head: t.market.total, end: true, cell: (it) => <Amount value={it.funded} asset={it.asset} /> },
    { head: t.market.due, wide: true, cell: (it) => (it.deadlineMs === null ? <span className="muted">{t.market.yetFree}</span> : <Deadline at={it.deadlineMs} />) },
  ]
  return <List name="sub-orders" filters={filters} columns={columns} caption={t.market.orders} empty={t.market.noOrders} keyOf={(it) => it.id} />
}

function VariantName({ id }: { id: string }) {
  const { data: variant } = useRow('variants', { id })
  const { data: product } = useRow('products', { id: variant?.product }, variant?.product !== undefined)
  if (variant === undefined || variant === null) return <span className="muted">{id}</span>
  return <span><ProductLink id={variant.product} name={product?.title ?? variant.product} /> <span className="muted"><Plain>{variant.sku}</Plain></span></span>
}

const STEP_TONES: { readonly [state: string]: 'good' | 'warn' | 'bad' } = {
  completed: 'good', delivered: 'good', resolved: 'good', disputed: 'warn', 'return-requested': 'warn', cancelled: 'bad', declined: 'bad', expired: 'bad', undelivered: 'bad', 'hold-expired': 'bad',
}

const product = (a: string, b: string): string => (BigInt(a) * BigInt(b)).toString()

/** Where the money in escrow is, as parts of a line. */
function Escrow({ of }: { of: Row<'sub-orders'> }) {
  const t = useTexts()
  const locale = useLocale()
  const decimals = useAssets()?.get(of.asset)?.decimals ?? 0
  const left = (BigInt(of.funded) - BigInt(of.paid) - BigInt(of.fees) - BigInt(of.refunded)).toString()
  const parts = [[t.market.paid, of.paid], [t.market.fee, of.fees], [t.market.refunded, of.refunded], [t.market.left, left]] as const
  const words = parts.map(([name, value]) => `${name}: ${amountText(locale, value, decimals)} ${of.asset}`).join(', ')
  const share = (value: string): number => (of.funded === '0' ? 0 : Number((BigInt(value) * 10_000n) / BigInt(of.funded)) / 100)
  const out = 100 - share(left)
  return (
    <>
      <div className="meter"><svg viewBox="0 0 100 8" preserveAspectRatio="none" role="img" aria-label={words}><rect className="rest" width="100" height="8" /><rect width={out} height="8" /></svg></div>
      <Facts of={[[t.market.funded, <Amount value={of.funded} asset={of.asset} />], ...parts.filter(([name, value]) => value !== '0' || name === t.market.left).map(([name, value]) => [name, <Amount value={value} asset={of.asset} />] as const)]} />
    </>
  )
}

/** What can be done with an order in its state; who may do it, the module knows. */
function actionsOf(order: Row<'sub-orders'>, t: ReturnType<typeof useTexts>): Action[] {
  const call = (label: string, name: string, once: boolean): Action => ({ label, module: 'marketplace', function: name, arguments: { 'sub-order': BigInt(order.id) }, once })
  switch (order.state) {
    case 'placed': return [call(t.act.accept, 'accept-order', false), call(t.act.decline, 'decline-order', true), call(t.act.cancel, 'cancel-order', true)]
    case 'shipped': case 'delivered': return [call(t.act.confirm, 'confirm-order', true)]
    default: return []
  }
}

export function Order() {
  const t = useTexts()
  const words = useStateWords()
  const { id } = useParams({ strict: false }) as { id: string }
  const order = useRow('sub-orders', { id })
  const steps = useRows('order-steps', { subOrder: id })
  const lines = useRows('order-lines', { subOrder: id })
  const shipments = useRows('shipments', { subOrder: id })
  const parent = useRow('orders', { id: order.data?.orderId }, order.data?.orderId !== undefined)
  const dispute = useRow('disputes', { module: 'marketplace', id })
  const rating = useRow('ratings', { subOrder: id })
  return (
    <Page title={`${t.market.order} ${id}`} about={order.data ? <State of={order.data.state} /> : undefined} aside={<>{order.data && <Actions of={actionsOf(order.data, t)} />}<button type="button" onClick={() => print()}>{t.state.print}</button></>}>
      <Answer of={order}>{(it) => (
        <div className="columns">
          <div className="column">
            <Section>
              <Facts of={[
                [t.market.store, <StoreLink id={it.store} />], [t.market.buyer, <Account address={it.buyer} />],
                [t.market.placed, <Time at={parent.data?.placedMs} full />], [t.market.reference, parent.data ? <Plain>{parent.data.reference}</Plain> : null],
                [t.market.due, it.deadlineMs === null ? null : <Deadline at={it.deadlineMs} />],
                [t.market.rating, rating.data?.state === 'published' ? `${rating.data.buyerScore ?? '–'} / ${rating.data.sellerScore ?? '–'}` : null],
              ]} />
            </Section>
            <Section title={t.market.lines} flush>
              <Answer of={lines} empty={t.market.noOrders}>{(rows) => (
                <Table rows={rows} caption={t.market.lines} keyOf={(line) => String(line.line)} columns={[
                  { head: t.market.product, cell: (line) => <VariantName id={line.variant} /> },
                  { head: t.market.unitPrice, end: true, wide: true, cell: (line) => <Amount value={line.unitPrice} asset={it.asset} /> },
                  { head: t.market.ordered, end: true, cell: (line) => <Count value={line.ordered} /> },
                  { head: t.market.shipped, end: true, wide: true, cell: (line) => <Count value={line.shipped} /> },
                  { head: t.market.delivered, end: true, wide: true, cell: (line) => <Count value={line.delivered} /> },
                  { head: t.market.returned, end: true, wide: true, cell: (line) => <Count value={line.returned} /> },
                  { head: t.market.sum, end: true, cell: (line) => <Amount value={product(line.ordered, line.unitPrice)} asset={it.asset} /> },
                ]} />
              )}</Answer>
            </Section>
            {(shipments.data ?? []).length > 0 && (
              <Section title={t.market.shipments} flush>
                <Table rows={shipments.data ?? []} caption={t.market.shipments} keyOf={(row) => String(row.number)} columns={[
                  { head: t.market.carrier, cell: (row) => <Plain>{row.carrier}</Plain> },
                  { head: t.market.tracking, cell: (row) => <Plain>{row.tracking}</Plain> },
                  { head: t.market.shipped, cell: (row) => <Time at={row.shippedMs} /> },
                  { head: t.market.delivered, cell: (row) => <Time at={row.deliveredMs} /> },
                  { head: t.market.proof, wide: true, cell: (row) => <Hash text={row.proof?.cid} /> },
                ]} />
              </Section>
            )}
            {dispute.data && <DisputeView dispute={dispute.data} asset={it.asset} />}
          </div>
          <div className="column">
            <Section title={t.market.escrow}><Escrow of={it} /></Section>
            <Section title={t.market.timeline}>
              <Answer of={steps} empty={t.market.noOrders}>{(rows) => (
                <Timeline of={rows.toReversed().map((step) => ({
                  key: String(step.n), title: words(step.state), tone: STEP_TONES[step.state],
                  time: <><Go to={`/explorer/transactions/${step.transaction ?? ''}`} className="quiet"><Time at={step.time} full /></Go></>,
                  note: step.by === null ? undefined : <span className="muted"><Filled text={t.market.by} values={{ who: <Account address={step.by} /> }} /></span>,
                }))} />
              )}</Answer>
            </Section>
          </div>
        </div>
      )}</Answer>
    </Page>
  )
}

/** A dispute with its offers, rulings and outcome. */
export function DisputeView({ dispute, asset }: { dispute: Row<'disputes'>; asset: string }) {
  const t = useTexts()
  const words = useStateWords()
  const key = { module: dispute.module, dispute: dispute.id }
  const steps = useRows('dispute-steps', key)
  return (
    <Section title={<>{t.market.dispute} <State of={dispute.state} /></>}>
      <Facts of={[
        [t.market.amount, <Amount value={dispute.amount} asset={asset} />],
        [t.market.reason, <Plain>{dispute.reason}</Plain>],
        [t.market.outcome, dispute.outcome === null ? null : words(dispute.outcome)],
        [t.market.toBuyer, dispute.amountToPayer === null ? percent(dispute.payerWants ?? dispute.claim) : <Amount value={dispute.amountToPayer} asset={asset} />],
        [t.market.toStore, dispute.amountToPayee === null ? null : <Amount value={dispute.amountToPayee} asset={asset} />],
        [t.market.deadline, dispute.deadlineMs === null ? null : <Deadline at={dispute.deadlineMs} />],
      ]} />
      <Answer of={steps}>{(rows) => (
        <Timeline of={rows.toReversed().map((step) => ({
          key: String(step.n), title: words(step.event), time: <Go to={`/explorer/transactions/${step.transaction ?? ''}`} className="quiet"><Time at={step.time} full /></Go>,
          note: <State of={step.state} />,
        }))} />
      )}</Answer>
    </Section>
  )
}

export function Products() {
  const t = useTexts()
  const [filters, change] = useFilters()
  const categories = useRows('categories')
  const names = new Map((categories.data ?? []).map((it) => [it.id, it.name]))
  return (
    <Head title={t.market.title}>
      <Toolbar>
        <Entry label={t.market.search} type="search" value={filters['q']} enter={(q) => change({ q })} />
        <Select label={t.market.store} value={filters['store']} choose={(store) => change({ store })} of={useStoreChoice()} />
        <Select label={t.market.category} value={filters['category']} choose={(category) => change({ category })} of={[['', t.state.all], ...names]} />
      </Toolbar>
      <Section flush>
        <List name="products" filters={only(filters, 'q', 'store', 'category')} caption={t.market.products} empty={t.market.noProducts} keyOf={(it) => it.id} columns={[
          { head: t.market.product, cell: (it) => <><ProductLink id={it.id} name={it.title} /><div className="muted"><Plain>{it.summary}</Plain></div></> },
          { head: t.market.store, cell: (it) => <StoreLink id={it.store} /> },
          { head: t.market.category, wide: true, cell: (it) => <Plain>{names.get(it.category) ?? it.category}</Plain> },
          { head: t.market.state, cell: (it) => <State of={it.state} /> },
        ]} />
      </Section>
    </Head>
  )
}

/** The price that is in force for a variant in each asset. */
function Prices({ variant }: { variant: string }) {
  const t = useTexts()
  const { data } = useRows('prices', { variant })
  const now = Date.now()
  const begun = (data ?? []).filter((it) => it.listed && Number(it.effectiveMs) <= now && (it.untilMs === null || now < Number(it.untilMs)))
  const current = [...new Set(begun.map((it) => it.asset))].map((asset) => begun.filter((it) => it.asset === asset).sort((a, b) => Number(b.effectiveMs) - Number(a.effectiveMs))[0])
  if (data !== undefined && current.length === 0) return <span className="muted">{t.market.noPrice}</span>
  return <>{current.map((it) => it && <div key={it.asset}><Amount value={it.amount} asset={it.asset} /></div>)}</>
}

function StockRows({ variant }: { variant: string }) {
  const t = useTexts()
  const { data } = useRows('stock', { variant })
  if (data !== undefined && data.length === 0) return <span className="muted">{t.market.noStock}</span>
  return <>{(data ?? []).map((it) => <div key={it.location}><Count value={it.available} />{it.reserved !== '0' && <span className="muted"> (+ <Count value={it.reserved} /> {t.market.reserved})</span>}</div>)}</>
}

export function Product() {
  const t = useTexts()
  const { id } = useParams({ strict: false }) as { id: string }
  const item = useRow('products', { id })
  const variants = useRows('variants', { product: id })
  const first = variants.data?.[0]?.id
  const movements = useRows('stock-movements', { variant: first }, { enabled: first !== undefined, limit: 20 })
  return (
    <Page title={item.data ? <Plain>{item.data.title}</Plain> : `${t.market.product} ${id}`} about={item.data ? <Plain>{item.data.summary}</Plain> : undefined}>
      <Answer of={item}>{(it) => (
        <>
          <Section>
            <Facts of={[
              [t.market.store, <StoreLink id={it.store} />], [t.market.state, <State of={it.state} />],
              ...(Array.isArray(it.attributes) ? (it.attributes as { name: string; value: string }[]).map((pair) => [pair.name, <Plain>{pair.value}</Plain>] as const) : []),
            ]} />
          </Section>
          <Section title={t.market.variants} flush>
            <Answer of={variants} empty={t.market.noProducts}>{(rows) => (
              <Table rows={rows} caption={t.market.variants} keyOf={(row) => row.id} columns={[
                { head: t.market.sku, cell: (row) => <Plain>{row.sku}</Plain> },
                { head: t.market.state, cell: (row) => <State of={row.state} /> },
                { head: t.market.price, end: true, cell: (row) => <Prices variant={row.id} /> },
                { head: t.market.available, end: true, cell: (row) => <StockRows variant={row.id} /> },
              ]} />
            )}</Answer>
          </Section>
          <Section title={t.market.movements} flush>
            {first === undefined ? <Empty>{t.market.noMovements}</Empty> : (
              <Answer of={movements} empty={t.market.noMovements}>{(rows) => (
                <Table rows={rows} caption={t.market.movements} keyOf={(row) => `${row.location}/${row.n}`} columns={[
                  { head: t.market.step, cell: (row) => <State of={row.cause} /> },
                  { head: t.market.change, end: true, cell: (row) => `${Number(row.onHandChange) > 0 ? '+' : ''}${row.onHandChange}` },
                  { head: t.market.onHand, end: true, cell: (row) => <Count value={row.onHand} /> },
                  { head: t.market.reserved, end: true, cell: (row) => <Count value={row.reserved} /> },
                  { head: t.market.order, cell: (row) => (row.subOrder === null ? <Plain>{row.reason}</Plain> : <OrderLink id={row.subOrder} />) },
                  { head: t.explorer.time, wide: true, cell: (row) => <Time at={row.time} /> },
                ]} />
              )}</Answer>
            )}
          </Section>
        </>
      )}</Answer>
    </Page>
  )
}

export function Stores() {
  const t = useTexts()
  return (
    <Head title={t.market.title}>
      <Section flush>
        <List name="stores" caption={t.market.stores} empty={t.market.noStores} keyOf={(it) => it.id} columns={[
          { head: t.market.store, cell: (it) => <StoreLink id={it.id} name={it.name} /> },
          { head: t.market.organisation, cell: (it) => <Plain>{it.organisation}</Plain> },
          { head: t.market.state, cell: (it) => <State of={it.state} /> },
          { head: t.market.payout, wide: true, cell: (it) => <Account address={it.payoutAccount} /> },
        ]} />
      </Section>
    </Head>
  )
}

/** A store as its people see it: what waits for them first. */
export function Store() {
  const t = useTexts()
  const { id } = useParams({ strict: false }) as { id: string }
  const [filters, change] = useFilters()
  const store = useRow('stores', { id })
  const waiting = useRows('open-orders', { store: id, mustAct: 'store' })
  const rating = useRow('store-ratings', { store: id })
  const sales = useRows('sales-days', { store: id }, { limit: 30 })
  return (
    <Page title={store.data ? <Plain>{store.data.name}</Plain> : `${t.market.store} ${id}`} about={store.data ? <><State of={store.data.state} /> <Plain>{store.data.organisation}</Plain></> : undefined}
      aside={<Go to="/market/products" search={{ store: id }} className="button">{t.market.products}</Go>}>
      <Answer of={store}>{(it) => (
        <>
          <div className="columns">
            <Section title={t.market.toAct} flush>
              <Answer of={waiting} empty={t.market.nothingToAct}>{(rows) => (
                <Table rows={rows} caption={t.market.toAct} keyOf={(row) => row.subOrder} columns={[
                  { head: t.market.order, cell: (row) => <OrderLink id={row.subOrder} /> },
                  { head: t.market.state, cell: (row) => <State of={row.state} /> },
                  { head: t.market.buyer, wide: true, cell: (row) => <Account address={row.buyer} /> },
                  { head: t.market.due, cell: (row) => <span className={row.isLate ? 'late' : undefined}><Time at={row.deadline} /></span> },
                ]} />
              )}</Answer>
            </Section>
            <Section title={t.market.sales}>
              <Answer of={sales} empty={t.market.noSales}>{(rows) => <Bars label={t.market.sales} of={rows.toReversed().map((row) => ({ key: `${row.day}${row.asset}`, name: row.day, value: Number(row.ordered), shown: `${row.orders}: ${row.orderedMain} ${row.asset}` }))} />}</Answer>
              <Facts of={[
                [t.market.payout, <Account address={it.payoutAccount} />],
                [t.market.ratings, rating.data && rating.data.count !== '0' ? fill(t.market.score, { score: (Number(rating.data.sum) / Number(rating.data.count)).toFixed(1) }) : t.market.noRating],
              ]} />
            </Section>
          </div>
          <Section title={t.market.orders} flush aside={<StateChoices list="sub-orders" filters={{ store: id }} value={filters['state']} choose={(state) => change({ state })} of={STATES.slice(0, 6)} />}>
            <OrderList filters={{ store: id, state: filters['state'] }} withoutStore />
          </Section>
        </>
      )}</Answer>
    </Page>
  )
}

export function Disputes() {
  const t = useTexts()
  const [filters, change] = useFilters()
  return (
    <Head title={t.market.title}>
      <Toolbar>
        <StateChoices list="disputes" value={filters['state']} choose={(state) => change({ state })} of={['open', 'evidence', 'settlement', 'arbitration', 'ruled', 'final']} />
      </Toolbar>
      <Section flush>
        <List name="disputes" filters={only(filters, 'state')} caption={t.market.disputes} empty={t.market.noDisputes} keyOf={(it) => `${it.module}/${it.id}`} columns={[
          { head: t.market.about, cell: (it) => <span className="sentence">{it.module === 'marketplace' ? <>{t.market.order} <OrderLink id={it.itemId} /></> : <MilestoneLink id={it.itemId} />}</span> },
          { head: t.market.state, cell: (it) => <State of={it.state} /> },
          { head: t.market.reason, cell: (it) => <Plain>{it.reason}</Plain> },
          { head: t.market.buyer, wide: true, cell: (it) => <Account address={it.payer} /> },
          { head: t.market.deadline, wide: true, cell: (it) => <Deadline at={it.deadlineMs} /> },
          { head: t.market.outcome, cell: (it) => (it.outcomeToPayer === null ? <span className="muted">–</span> : <Filled text={t.market.toBuyerPercent} values={{ percent: percent(it.outcomeToPayer) }} />) },
        ]} />
      </Section>
    </Head>
  )
}

function MilestoneLink({ id }: { id: string }) {
  const t = useTexts()
  const { data } = useRow('milestones', { id })
  return data ? <>{t.jobs.contract} <ContractLink id={data.contract} /></> : <>{id}</>
}

