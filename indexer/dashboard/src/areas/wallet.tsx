/** The wallet: accounts, balances and statements, also of an earlier time; holds, invoices and assets. */
import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import { useAssets } from '../api/assets'
import { ApiError, type Filters, getList, type Row } from '../api/client'
import { retry, useItem, useRow, useRows } from '../api/lists'
import { fill, Filled, useTexts } from '../texts'
import { Go, only, useFilters } from '../ui/link'
import { List, StateFilter, Table } from '../ui/list'
import { Answer, Entry, Facts, Page, Problem, Section, Select, Tabs, Toolbar } from '../ui/parts'
import { TransactionList } from '../ui/transactions'
import { type Action, Actions } from '../ui/act'
import { Verify } from '../ui/verify'
import { Account as AccountName, Amount, Copy, Count, Deadline, HeightLink, Plain, State, Time, useStateWords } from '../ui/values'

function Head({ children }: { children: ReactNode }) {
  const t = useTexts()
  return (
    <Page title={t.wallet.title}>
      <Tabs label={t.wallet.title} of={[['/wallet', t.wallet.accounts], ['/wallet/holds', t.wallet.holds], ['/wallet/requests', t.wallet.requests], ['/wallet/assets', t.wallet.assets]]} />
      {children}
    </Page>
  )
}

export function Accounts() {
  const t = useTexts()
  const [filters, change] = useFilters()
  const organisations = useRows('organisations')
  return (
    <Head>
      <Toolbar>
        <Select label={t.wallet.organisation} value={filters['organisation']} choose={(organisation) => change({ organisation })} of={[['', t.wallet.all], ...(organisations.data ?? []).map((it) => [it.name, it.name] as const)]} />
        <Entry label={t.wallet.account} value={filters['address']} enter={(address) => change({ address })} hint="ehbt1…" />
      </Toolbar>
      <Section flush>
        <List name="accounts" filters={only(filters, 'organisation', 'address')} caption={t.wallet.accounts} empty={t.wallet.noAccounts} keyOf={(it) => it.address} columns={[
          { head: t.wallet.account, cell: (it) => <AccountName address={it.address} /> },
          { head: t.wallet.kind, wide: true, cell: (it) => <State of={it.kind} /> },
          { head: t.wallet.status, cell: (it) => <State of={it.status} /> },
          { head: t.wallet.balances, end: true, cell: (it) => <Balances of={it.address} /> },
        ]} />
      </Section>
    </Head>
  )
}

/** What an account owns, held amounts included, in a cell. */
function Balances({ of }: { of: string }) {
  const { data } = useRows('balances', { account: of }, { limit: 5 })
  if (data !== undefined && data.length === 0) return <span className="muted">–</span>
  return <>{(data ?? []).map((it) => <div key={it.asset}><Amount value={(BigInt(it.available) + BigInt(it.held)).toString()} asset={it.asset} /></div>)}</>
}

type Moment = { readonly kind: 'now' } | { readonly kind: 'height'; readonly height: number } | { readonly kind: 'time'; readonly time: string } | { readonly kind: 'wrong' }

/** The moment that the address of the page names. */
export function momentOf(text: string | undefined): Moment {
  if (text === undefined) return { kind: 'now' }
  if (/^[0-9]{1,15}$/.test(text)) return { kind: 'height', height: Number(text) }
  if (/^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9:.]+Z)?$/.test(text) && Number.isFinite(Date.parse(text))) return { kind: 'time', time: text }
  return { kind: 'wrong' }
}

/** The filter of a history for what was up to a moment. A date means its end. */
function upTo(moment: Moment): Filters {
  if (moment.kind === 'height') return { to: String(moment.height) }
  if (moment.kind !== 'time') return {}
  const until = moment.time.includes('T') ? moment.time : new Date(Date.parse(moment.time) + 86_400_000).toISOString()
  return { until }
}

interface Balance {
  readonly asset: string
  readonly available: string
  readonly held: string
  readonly atHeight: number
}

/** The balances after the last block up to a moment: the last entry of each until then. */
function useBalances(account: string, moment: Moment) {
  return useQuery({
    queryKey: ['list', 'balances', account, moment],
    queryFn: async ({ signal }): Promise<Balance[]> => {
      const now = (await getList('balances', { account, limit: '200' }, signal)).data
      if (moment.kind === 'now') return now
      if (moment.kind === 'wrong') return []
      const then = await Promise.all(now.map(async ({ asset }) => (await getList('entries', { account, asset, ...upTo(moment), limit: '1' }, signal)).data[0]))
      return then.filter((it) => it !== undefined)
    },
    retry,
  })
}

function AsOf({ value, change }: { value: string | undefined; change: (at: string | undefined) => void }) {
  const t = useTexts()
  return (
    <Toolbar>
      <Entry label={t.wallet.asOf} value={value} hint={t.wallet.asOfHint} enter={change} />
      {value !== undefined && <button type="button" onClick={() => change(undefined)}>{t.wallet.now}</button>}
    </Toolbar>
  )
}

const momentWords = (moment: Moment, t: ReturnType<typeof useTexts>): string =>
  moment.kind === 'height' ? fill(t.wallet.asOfBlock, { height: moment.height }) : moment.kind === 'time' ? fill(t.wallet.asOfTime, { time: moment.time }) : ''

interface Whole {
  readonly address: string
  readonly firstHeight: number
  readonly lastHeight: number
}

/** The base units of an amount in main units; `undefined` where it is none. */
export function unitsOf(text: string, decimals: number): bigint | undefined {
  const match = /^([0-9]{1,20})(?:\.([0-9]+))?$/.exec(text.trim())
  const fraction = match?.[2] ?? ''
  if (match === null || fraction.length > decimals) return undefined
  const units = BigInt(match[1] + fraction.padEnd(decimals, '0'))
  return units > 0n && units < 1n << 64n ? units : undefined
}

/** A payment to the account that the page shows. */
function Pay({ to }: { to: string }) {
  const t = useTexts()
  const assets = useAssets()
  const [asset, setAsset] = useState<string>()
  const [amount, setAmount] = useState('')
  const [reference, setReference] = useState('')
  const id = asset ?? [...(assets?.keys() ?? [])][0]
  const note = reference.trim()
  const units = id === undefined ? undefined : unitsOf(amount, assets?.get(id)?.decimals ?? 0)
  const action: Action[] = id === undefined || units === undefined ? [] : [{ label: t.act.pay, module: 'wallet', ...(note === '' ? { function: 'transfer', arguments: { to, asset: id, amount: units } } : { function: 'transfer-with-reference', arguments: { to, asset: id, amount: units, reference: note } }) }]
  return (
    <Section title={t.act.payTo}>
      <Toolbar>
        <label className="field"><span>{t.act.amount}</span><input value={amount} onChange={(event) => setAmount(event.target.value)} inputMode="decimal" autoComplete="off" placeholder="12.50" /></label>
        <Select label={t.wallet.asset} value={id} choose={setAsset} of={[...(assets?.keys() ?? [])].map((it) => [it, it] as const)} />
        <label className="field"><span>{t.act.reference}</span><input value={reference} onChange={(event) => setReference(event.target.value)} maxLength={64} autoComplete="off" /></label>
        {action.length > 0 ? <Actions of={action} /> : <span className="muted">{t.act.wrongAmount}</span>}
      </Toolbar>
    </Section>
  )
}

export function Account() {
  const t = useTexts()
  const { address } = useParams({ strict: false }) as { address: string }
  const [filters, change] = useFilters()
  const moment = momentOf(filters['at'])
  const [proven, setProven] = useState<string>()
  const item = useItem<Whole>('accounts', address)
  const account = useRow('accounts', { address })
  const roles = useRows('roles', { account: address })
  const keys = useRows('account-keys', { account: address })
  const balances = useBalances(address, moment)
  const holds = useRows('holds', { payer: address, state: 'open' }, { limit: 50 })
  const current = (roles.data ?? []).filter((it) => it.untilHeight === null)
  const row = account.data
  return (
    <Page title={row?.label ?? row?.organisation ?? t.wallet.account} about={<span className="hash"><bdi dir="ltr">{address}</bdi><Copy text={address} /></span>}>
      {item.error !== null && account.data === null ? <Problem error={item.error} /> : (
        <>
          <Section>
            <Facts of={[
              [t.wallet.status, row ? <State of={row.status} /> : null],
              [t.wallet.organisation, row?.organisation == null ? null : <Go to="/wallet" search={{ organisation: row.organisation }}>{row.organisation}</Go>],
              [t.wallet.roles, row?.kind === 'module' ? <State of="module" /> : current.length === 0 ? t.wallet.noRoles : current.map((it) => it.role).join(', ')],
              [t.wallet.keys, (keys.data ?? []).filter((it) => it.listed).length || null],
              [t.wallet.firstSeen, item.data ? <HeightLink height={item.data.firstHeight} /> : null],
              [t.wallet.lastSeen, item.data ? <HeightLink height={item.data.lastHeight} /> : null],
            ]} />
          </Section>
          <Section title={<>{t.wallet.balances} <span className="muted">{momentWords(moment, t)}</span></>} aside={<AsOf value={filters['at']} change={(at) => change({ at })} />}>
            {moment.kind === 'wrong' ? <Problem error={new ApiError('BAD_VALUE', t.wallet.badAsOf, 400)} /> : (
              <Answer of={balances} empty={t.wallet.noBalances}>{(rows) => (
                <Table rows={rows} caption={t.wallet.balances} keyOf={(it) => it.asset} columns={[
                  { head: t.wallet.asset, cell: (it) => <Go to={`/wallet/accounts/${address}/${encodeURIComponent(it.asset)}`}>{it.asset}</Go> },
                  { head: t.wallet.available, end: true, cell: (it) => <Amount value={it.available} asset={it.asset} /> },
                  { head: t.wallet.held, end: true, cell: (it) => <Amount value={it.held} asset={it.asset} /> },
                  { head: t.wallet.total, end: true, cell: (it) => <strong><Amount value={(BigInt(it.available) + BigInt(it.held)).toString()} asset={it.asset} /></strong> },
                  { head: t.proof.title, end: true, wide: true, cell: (it) => (moment.kind === 'now' ? <button type="button" className="plain" aria-label={`${t.proof.verify} ${it.asset}`} onClick={() => setProven(it.asset)}>{t.proof.verify}</button> : null) },
                  { head: t.wallet.statement, end: true, wide: true, cell: (it) => <Go to={`/wallet/accounts/${address}/${encodeURIComponent(it.asset)}`}>{t.wallet.show}</Go> },
                ]} />
              )}</Answer>
            )}
          </Section>
          {proven !== undefined && <Verify key={proven} of={{ kind: 'balance', account: address, asset: proven }} />}
          {row?.kind === 'account' && <Pay to={address} />}
          {(holds.data ?? []).length > 0 && <Section title={t.wallet.holds} flush><HoldTable rows={holds.data ?? []} /></Section>}
          <Section title={t.wallet.activity} flush><TransactionList filters={{ mentions: address }} limit={15} empty={t.explorer.empty} /></Section>
        </>
      )}
    </Page>
  )
}

export function Statement() {
  const t = useTexts()
  const words = useStateWords()
  const { address, asset } = useParams({ strict: false }) as { address: string; asset: string }
  const [filters, change] = useFilters()
  const balance = useRow('balances', { account: address, asset })
  const since = filters['since']
  const until = filters['until']
  return (
    <Page title={<>{t.wallet.statement} {asset}</>} about={<AccountName address={address} />} aside={<button type="button" onClick={() => print()}>{t.state.print}</button>}>
      <Section>
        <Facts of={[
          [t.wallet.available, <Amount value={balance.data?.available} asset={asset} />], [t.wallet.held, <Amount value={balance.data?.held} asset={asset} />],
          [t.wallet.total, balance.data ? <strong><Amount value={(BigInt(balance.data.available) + BigInt(balance.data.held)).toString()} asset={asset} /></strong> : null],
        ]} />
      </Section>
      <Toolbar>
        <Entry label={t.wallet.since} type="date" value={since} enter={(it) => change({ since: it })} />
        <Entry label={t.wallet.untilDay} type="date" value={until} enter={(it) => change({ until: it })} />
        <Entry label={t.wallet.reference} value={filters['reference']} enter={(reference) => change({ reference })} />
      </Toolbar>
      <Section flush>
        <List name="entries" filters={{ account: address, asset, ...only(filters, 'since', 'until', 'reference', 'to', 'from') }} caption={t.wallet.statement} empty={t.wallet.noEntries} keyOf={(it) => String(it.n)} columns={[
          { head: t.explorer.time, cell: (it) => <Go to={`/explorer/transactions/${it.transaction ?? ''}`} className="quiet"><Time at={it.time} /></Go> },
          { head: t.wallet.kind, cell: (it) => <>{words(it.kind)}{it.reference !== null && it.reference !== '' && <div className="muted"><Plain>{it.reference}</Plain></div>}</> },
          { head: t.wallet.other, wide: true, cell: (it) => <AccountName address={it.other} /> },
          { head: t.wallet.change, end: true, cell: (it) => <>{(it.availableChange !== '0' || it.heldChange === '0') && <Amount value={it.availableChange} asset={asset} signed />}{it.heldChange !== '0' && <div className="muted small"><Filled text={t.wallet.heldChange} values={{ change: <Amount value={it.heldChange} asset={asset} signed /> }} /></div>}</> },
          { head: t.wallet.balance, end: true, cell: (it) => <Amount value={it.available} asset={asset} /> },
          { head: t.wallet.heldAfter, end: true, wide: true, cell: (it) => <Amount value={it.held} asset={asset} /> },
        ]} />
      </Section>
    </Page>
  )
}

function HoldTable({ rows }: { rows: readonly Row<'holds'>[] }) {
  const t = useTexts()
  return <Table rows={rows} caption={t.wallet.holds} keyOf={(it) => it.id} columns={holdColumns(t)} />
}

const holdColumns = (t: ReturnType<typeof useTexts>) => [
  { head: t.wallet.reference, cell: (it: Row<'holds'>) => (it.reference === '' ? it.id : <Plain>{it.reference}</Plain>) },
  { head: t.market.state, cell: (it: Row<'holds'>) => <State of={it.state} /> },
  { head: t.wallet.payer, cell: (it: Row<'holds'>) => <AccountName address={it.payer} /> },
  { head: t.wallet.controller, wide: true, cell: (it: Row<'holds'>) => <AccountName address={it.controller} /> },
  { head: t.wallet.remaining, end: true, cell: (it: Row<'holds'>) => <Amount value={it.remaining} asset={it.asset} /> },
  { head: t.wallet.amount, end: true, wide: true, cell: (it: Row<'holds'>) => <Amount value={it.amount} asset={it.asset} /> },
  { head: t.wallet.expires, wide: true, cell: (it: Row<'holds'>) => <Time at={it.expiresMs} /> },
]

export function Holds() {
  const t = useTexts()
  const [filters, change] = useFilters()
  return (
    <Head>
      <Toolbar>
        <StateFilter value={filters['state']} choose={(state) => change({ state })} of={['open', 'paid', 'released', 'expired']} />
        <Entry label={t.wallet.payer} value={filters['payer']} enter={(payer) => change({ payer })} hint="ehbt1…" />
      </Toolbar>
      <Section flush><List name="holds" filters={only(filters, 'state', 'payer', 'controller')} caption={t.wallet.holds} empty={t.wallet.noHolds} keyOf={(it) => it.id} columns={holdColumns(t)} /></Section>
    </Head>
  )
}

export function Requests() {
  const t = useTexts()
  const [filters, change] = useFilters()
  return (
    <Head>
      <Toolbar>
        <StateFilter value={filters['state']} choose={(state) => change({ state })} of={['open', 'partially-paid', 'paid', 'cancelled', 'declined', 'expired']} />
      </Toolbar>
      <Section flush>
        <List name="requests" filters={only(filters, 'state', 'payer', 'payee')} caption={t.wallet.requests} empty={t.wallet.noRequests} keyOf={(it) => it.id} columns={[
          { head: t.wallet.reference, cell: (it) => (it.reference === '' ? it.id : <Plain>{it.reference}</Plain>) },
          { head: t.market.state, cell: (it) => <State of={it.state} /> },
          { head: t.wallet.payee, cell: (it) => <AccountName address={it.payee} /> },
          { head: t.wallet.payer, wide: true, cell: (it) => (it.payer === null ? t.wallet.anybody : <AccountName address={it.payer} />) },
          { head: t.wallet.amount, end: true, cell: (it) => <Amount value={it.amount} asset={it.asset} /> },
          { head: t.wallet.paid, end: true, wide: true, cell: (it) => <Amount value={it.paid} asset={it.asset} /> },
          { head: t.wallet.due, cell: (it) => (['open', 'partially-paid'].includes(it.state) ? <Deadline at={it.dueMs} /> : <Time at={it.dueMs} />) },
        ]} />
      </Section>
    </Head>
  )
}

export function Assets() {
  const t = useTexts()
  const supplies = useRows('supplies')
  const inCirculation = new Map((supplies.data ?? []).map((it) => [it.asset, (BigInt(it.minted) - BigInt(it.burned)).toString()]))
  return (
    <Head>
      <Section flush>
        <List name="assets" caption={t.wallet.assets} empty={t.wallet.noAssets} keyOf={(it) => it.id} columns={[
          { head: t.wallet.asset, cell: (it) => <strong>{it.id}</strong> },
          { head: t.wallet.name, cell: (it) => <Plain>{it.name}</Plain> },
          { head: t.wallet.supply, end: true, cell: (it) => (inCirculation.has(it.id) ? <Amount value={inCirculation.get(it.id)} asset={it.id} /> : <span className="muted">–</span>) },
          { head: t.wallet.issuer, wide: true, cell: (it) => <AccountName address={it.issuer} /> },
          { head: t.wallet.decimals, end: true, wide: true, cell: (it) => <Count value={it.decimals} /> },
        ]} />
      </Section>
    </Head>
  )
}
