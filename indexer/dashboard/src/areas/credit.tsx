/** Credit: programmes with prices and meters, usage over time, credit lines, grants and overdue bills. */
import { useParams } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useRow, useRows } from '../api/lists'
import { Filled, useLocale, useTexts } from '../texts'
import { only, useFilters } from '../ui/link'
import { List, StateFilter, Table } from '../ui/list'
import { Answer, type Asked, Bars, Entry, Facts, Page, Section, Select, Tabs, Toolbar } from '../ui/parts'
import { Account, Amount, Count, Deadline, Plain, ProgrammeLink, State, Time } from '../ui/values'
import { useProgrammes } from '../api/assets'

function Head({ children }: { children: ReactNode }) {
  const t = useTexts()
  return (
    <Page title={t.credit.title}>
      <Tabs label={t.credit.title} of={[['/credit', t.credit.programmes], ['/credit/usage', t.credit.usage], ['/credit/lines', t.credit.lines], ['/credit/grants', t.credit.grants], ['/credit/overdue', t.credit.overdue]]} />
      {children}
    </Page>
  )
}

function ProgrammeFilter({ value, choose }: { value: string | undefined; choose: (programme: string | undefined) => void }) {
  const t = useTexts()
  const programmes = useProgrammes()
  return <Select label={t.credit.programme} value={value} choose={choose} of={[['', t.state.all], ...[...programmes.values()].map((it) => [it.id, `${it.name} (${it.id})`] as const)]} />
}

interface SaleTerms {
  readonly asset: string
  readonly price: string
  readonly per: string
}

function Sale({ terms }: { terms: SaleTerms | null }) {
  const t = useTexts()
  if (terms === null) return <span className="muted">{t.credit.notForSale}</span>
  return <Filled text={t.credit.sells} values={{ per: <Count value={terms.per} />, price: <Amount value={terms.price} asset={terms.asset} /> }} />
}

export function Programmes() {
  const t = useTexts()
  return (
    <Head>
      <Section flush>
        <List name="programmes" caption={t.credit.programmes} empty={t.credit.noProgrammes} keyOf={(it) => it.id} columns={[
          { head: t.credit.programme, cell: (it) => <ProgrammeLink id={it.id} name={it.name} /> },
          { head: t.credit.state, cell: (it) => <State of={it.state} /> },
          { head: t.credit.issuer, cell: (it) => <Account address={it.issuer} /> },
          { head: t.credit.unit, wide: true, cell: (it) => <Plain>{it.unit}</Plain> },
          { head: t.credit.price, wide: true, cell: (it) => <Sale terms={it.saleTerms} /> },
        ]} />
      </Section>
    </Head>
  )
}

/** Credits used by day, of the filtered rows. */
function UsageChart({ filters }: { filters: { readonly [name: string]: string | undefined } }) {
  const t = useTexts()
  const locale = useLocale()
  const isOfOne = filters['account'] !== undefined
  const ofAll = useRows('credit-days', { programme: filters['programme'] }, { enabled: !isOfOne })
  const ofOne = useRows('credit-usage-days', filters, { enabled: isOfOne })
  const days: Asked<readonly { day: string; credits: string | null }[]> = isOfOne ? ofOne : ofAll
  return (
    <Answer of={days} empty={t.credit.noUsage}>{(rows) => {
      const byDay = new Map<string, bigint>()
      for (const row of rows) byDay.set(row.day, (byDay.get(row.day) ?? 0n) + BigInt(row.credits ?? 0))
      const of = [...byDay].sort(([a], [b]) => (a < b ? -1 : 1)).map(([day, credits]) => ({ key: day, name: day, value: Number(credits), shown: new Intl.NumberFormat(locale).format(credits) }))
      return (
        <>
          <Bars label={t.credit.overTime} of={of} tall />
          <Table rows={[...byDay].sort(([a], [b]) => (a < b ? 1 : -1))} caption={t.credit.overTime} keyOf={([day]) => day} columns={[
            { head: t.credit.day, cell: ([day]) => day },
            { head: t.credit.credits, end: true, cell: ([, credits]) => <Count value={credits.toString()} /> },
          ]} />
        </>
      )
    }}</Answer>
  )
}

function UsageRows({ filters }: { filters: { readonly [name: string]: string | undefined } }) {
  const t = useTexts()
  return (
    <List name="usages" filters={filters} caption={t.credit.usage} empty={t.credit.noUsage} keyOf={(it) => it.id} columns={[
      { head: t.credit.at, cell: (it) => <Time at={it.atMs} /> },
      { head: t.credit.account, cell: (it) => <Account address={it.account} /> },
      { head: t.credit.service, cell: (it) => <Plain>{it.service}</Plain> },
      { head: t.credit.programme, wide: true, cell: (it) => <ProgrammeLink id={it.programme} /> },
      { head: t.credit.quantity, end: true, wide: true, cell: (it) => <Count value={it.quantity} /> },
      { head: t.credit.credits, end: true, cell: (it) => <Count value={it.credits} /> },
      { head: t.credit.state, cell: (it) => <State of={it.state} /> },
    ]} />
  )
}

export function Usage() {
  const t = useTexts()
  const [filters, change] = useFilters()
  return (
    <Head>
      <Toolbar>
        <ProgrammeFilter value={filters['programme']} choose={(programme) => change({ programme })} />
        <Entry label={t.credit.account} value={filters['account']} enter={(account) => change({ account })} hint="ehbt1…" />
        <StateFilter value={filters['state']} choose={(state) => change({ state })} of={['authorised', 'captured', 'voided', 'timed-out']} />
      </Toolbar>
      <Section title={t.credit.overTime}><UsageChart filters={only(filters, 'programme', 'account')} /></Section>
      <Section title={t.credit.usage} flush><UsageRows filters={only(filters, 'programme', 'account', 'state')} /></Section>
    </Head>
  )
}

export function Lines() {
  const t = useTexts()
  const [filters, change] = useFilters()
  return (
    <Head>
      <Toolbar><ProgrammeFilter value={filters['programme']} choose={(programme) => change({ programme })} /></Toolbar>
      <Section flush>
        <List name="credit-line-states" filters={only(filters, 'programme', 'account')} caption={t.credit.lines} empty={t.credit.noLines} keyOf={(it) => it.creditLine} columns={[
          { head: t.credit.line, cell: (it) => it.creditLine },
          { head: t.credit.account, cell: (it) => <Account address={it.account} /> },
          { head: t.credit.state, cell: (it) => <State of={it.suspended ? 'suspended' : it.state} /> },
          { head: t.credit.limit, end: true, wide: true, cell: (it) => <Count value={it.creditLimit} /> },
          { head: t.credit.drawn, end: true, cell: (it) => <Count value={it.drawn} /> },
          { head: t.credit.free, end: true, cell: (it) => <Count value={it.free} /> },
          { head: t.credit.owed, end: true, cell: (it) => <Amount value={it.open} asset={it.asset} /> },
          { head: t.credit.daysLate, wide: true, cell: (it) => it.daysLate ?? '–' },
        ]} />
      </Section>
    </Head>
  )
}

export function Grants() {
  const t = useTexts()
  const [filters, change] = useFilters()
  return (
    <Head>
      <Toolbar>
        <ProgrammeFilter value={filters['programme']} choose={(programme) => change({ programme })} />
        <Entry label={t.credit.account} value={filters['account']} enter={(account) => change({ account })} hint="ehbt1…" />
        <StateFilter value={filters['state']} choose={(state) => change({ state })} of={['open', 'exhausted', 'expired', 'revoked', 'refunded']} />
      </Toolbar>
      <Section flush><GrantRows filters={only(filters, 'programme', 'account', 'state')} /></Section>
    </Head>
  )
}

function GrantRows({ filters }: { filters: { readonly [name: string]: string | undefined } }) {
  const t = useTexts()
  return (
    <List name="grants" filters={filters} caption={t.credit.grants} empty={t.credit.noGrants} keyOf={(it) => it.id} columns={[
      { head: t.credit.account, cell: (it) => <Account address={it.account} /> },
      { head: t.credit.programme, cell: (it) => <ProgrammeLink id={it.programme} /> },
      { head: t.credit.state, cell: (it) => <State of={it.state} /> },
      { head: t.credit.amount, end: true, wide: true, cell: (it) => <Count value={it.amount} /> },
      { head: t.credit.used, end: true, cell: (it) => <Count value={it.used} /> },
      { head: t.credit.left, end: true, cell: (it) => <Count value={(BigInt(it.amount) - BigInt(it.used)).toString()} /> },
      { head: t.credit.expires, wide: true, cell: (it) => <Time at={it.expiresMs} /> },
    ]} />
  )
}

export function Overdue() {
  const t = useTexts()
  return (
    <Head>
      <Section flush>
        <List name="overdue-bills" caption={t.credit.overdue} empty={t.credit.noOverdue} keyOf={(it) => it.bill} columns={[
          { head: t.credit.bill, cell: (it) => it.bill },
          { head: t.credit.account, cell: (it) => <Account address={it.account} /> },
          { head: t.credit.state, cell: (it) => <State of={it.state} /> },
          { head: t.credit.owed, end: true, cell: (it) => <Amount value={it.open} asset={it.asset} /> },
          { head: t.credit.due, cell: (it) => <Deadline at={it.due} /> },
          { head: t.credit.daysLate, end: true, cell: (it) => it.daysLate },
        ]} />
      </Section>
    </Head>
  )
}

export function Programme() {
  const t = useTexts()
  const { id } = useParams({ strict: false }) as { id: string }
  const programme = useRow('programmes', { id })
  const prices = useRows('service-prices', { programme: id })
  const meters = useRows('meters', { programme: id })
  const now = Date.now()
  return (
    <Page title={programme.data ? <Plain>{programme.data.name}</Plain> : `${t.credit.programme} ${id}`} about={programme.data ? <State of={programme.data.state} /> : undefined}>
      <Answer of={programme}>{(it) => (
        <>
          <Section><Facts of={[[t.credit.issuer, <Account address={it.issuer} />], [t.credit.unit, <Plain>{it.unit}</Plain>], [t.credit.price, <Sale terms={it.saleTerms} />]]} /></Section>
          <div className="columns even">
            <Section title={t.credit.services} flush>
              <Answer of={prices} empty={t.credit.noServices}>{(rows) => (
                <Table rows={rows.filter((row) => row.listed)} caption={t.credit.services} keyOf={(row) => `${row.service}/${row.version}`} columns={[
                  { head: t.credit.service, cell: (row) => <Plain>{row.service}</Plain> },
                  { head: t.credit.price, end: true, cell: (row) => <Filled text={t.credit.perCredits} values={{ credits: <Count value={row.credits} />, per: <Count value={row.per} /> }} /> },
                  { head: t.credit.from, wide: true, cell: (row) => (Number(row.effectiveMs) > now ? <strong><Time at={row.effectiveMs} /></strong> : <Time at={row.effectiveMs} />) },
                ]} />
              )}</Answer>
            </Section>
            <Section title={t.credit.meters} flush>
              <Answer of={meters} empty={t.credit.noMeters}>{(rows) => (
                <Table rows={rows} caption={t.credit.meters} keyOf={(row) => row.account} columns={[
                  { head: t.credit.meter, cell: (row) => <Plain>{row.name}</Plain> }, { head: t.credit.account, cell: (row) => <Account address={row.account} /> },
                  { head: t.credit.state, cell: (row) => <State of={row.removed ? 'removed' : 'active'} /> },
                ]} />
              )}</Answer>
            </Section>
          </div>
          <Section title={t.credit.overTime}><UsageChart filters={{ programme: id }} /></Section>
          <Section title={t.credit.usage} flush><UsageRows filters={{ programme: id }} /></Section>
        </>
      )}</Answer>
    </Page>
  )
}
