/** The explorer: transactions in words, blocks, events and modules. */
import { useParams } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { Row } from '../api/client'
import { useItem, useRows } from '../api/lists'
import { fill, Filled, useTexts } from '../texts'
import { Go, only, useFilters } from '../ui/link'
import { List } from '../ui/list'
import { Answer, Choices, Empty, Entry, Facts, Fold, Page, Section, Select, Tabs, Toolbar } from '../ui/parts'
import { EventSentence, TransactionSentence } from '../ui/sentence'
import { TransactionList } from '../ui/transactions'
import { Verify } from '../ui/verify'
import { Account, Copy, Count, Hash, HeightLink, JsonValue, Plain, short, State, Time } from '../ui/values'

export const MODULES = ['wallet', 'marketplace', 'jobs', 'credit', 'kernel'] as const

function Head({ title, children }: { title: ReactNode; children: ReactNode }) {
  const t = useTexts()
  return (
    <Page title={title}>
      <Tabs label={t.explorer.title} of={[['/explorer', t.explorer.transactions], ['/explorer/blocks', t.explorer.blocks], ['/explorer/events', t.explorer.events], ['/explorer/modules', t.explorer.modules]]} />
      {children}
    </Page>
  )
}

function ModuleFilter({ value, choose }: { value: string | undefined; choose: (module: string | undefined) => void }) {
  const t = useTexts()
  return <Select label={t.explorer.module} value={value} choose={choose} of={[['', t.explorer.allModules], ...MODULES.map((it) => [it, it] as const)]} />
}

export function Transactions() {
  const t = useTexts()
  const [filters, change] = useFilters()
  return (
    <Head title={t.explorer.title}>
      <Toolbar>
        <ModuleFilter value={filters['module']} choose={(module) => change({ module })} />
        <Choices label={t.explorer.result} value={filters['succeeded']} choose={(succeeded) => change({ succeeded })} of={[['', t.state.all], ['false', t.explorer.onlyFailed]]} />
        <Entry label={t.explorer.sender} value={filters['sender']} enter={(sender) => change({ sender })} hint="ehbt1…" />
        <Entry label={t.explorer.to} value={filters['to']} enter={(to) => change({ to })} pattern="[0-9]*" />
      </Toolbar>
      <Section flush><TransactionList filters={only(filters, 'module', 'succeeded', 'sender', 'mentions', 'to', 'from', 'code')} empty={t.explorer.empty} /></Section>
    </Head>
  )
}

interface Whole extends Omit<Row<'transactions'>, 'calls' | 'events'> {
  readonly validUntilMs: string | null
  readonly calls: readonly Row<'calls'>[]
  readonly events: readonly Row<'events'>[]
}

export function Transaction() {
  const t = useTexts()
  const { id } = useParams({ strict: false }) as { id: string }
  const item = useItem<Whole>('transactions', id)
  return (
    <Page title={t.explorer.transaction} about={<span className="hash"><bdi dir="ltr">{short(id, 16, 8)}</bdi><Copy text={id} /></span>}>
      <Answer of={item}>{(it) => (
        <>
          <Section>
            <p className="lead"><TransactionSentence transaction={it} calls={it.calls} events={it.events} /></p>
            {!it.succeeded && <p className="failure-note"><Filled text={t.explorer.failedBecause} values={{ message: <Plain>{it.message}</Plain> }} /> <code>{it.code}</code></p>}
            <Facts of={[
              [t.explorer.result, <State of={it.succeeded ? 'succeeded' : 'failed'} />],
              [t.explorer.time, <Time at={it.time} full />],
              [t.explorer.height, <HeightLink height={it.height} />],
              [t.explorer.sender, it.sender === null ? <State of={it.kind} /> : <Account address={it.sender} />],
              [t.explorer.memo, it.memo === null || it.memo === '' ? null : <Plain>{it.memo}</Plain>],
              [t.explorer.gas, it.gasLimit === null ? <Count value={it.gasUsed} /> : <Filled text={t.explorer.gasOf} values={{ used: <Count value={it.gasUsed} />, limit: <Count value={it.gasLimit} /> }} />],
              [t.explorer.lane, it.lane === null ? null : `${it.lane} / ${it.sequence}`],
            ]} />
          </Section>
          <Section title={`${t.explorer.calls} (${it.calls.length})`}>
            {it.calls.length === 0 && <Empty>{t.explorer.noCalls}</Empty>}
            {it.calls.map((call) => (
              <Fold key={call.call} name={`${t.state.details} ${call.function}`} line={<><strong>{call.function}</strong> <span className="muted">{call.module}</span></>}>
                <h3>{t.explorer.arguments}</h3><JsonValue value={call.arguments ?? t.explorer.undecoded} />
                {call.result !== null && <><h3>{t.explorer.resultOf}</h3><JsonValue value={call.result} /></>}
              </Fold>
            ))}
          </Section>
          <Section title={`${t.explorer.events} (${it.events.length})`}>
            {it.events.length === 0 && <Empty>{t.explorer.noEvents}</Empty>}
            {it.events.map((event) => (
              <Fold key={event.event} name={`${t.state.details} ${event.name}`} line={<><EventSentence event={event} by={it.sender} /> <span className="muted small">{event.module}/{event.name}</span></>}>
                <JsonValue value={event.value} />
              </Fold>
            ))}
          </Section>
          {it.kind === 'transaction' && <Verify of={{ kind: 'transaction', transaction: it }} />}
        </>
      )}</Answer>
    </Page>
  )
}

export function Blocks() {
  const t = useTexts()
  const [filters, change] = useFilters()
  const names = useValidatorNames()
  return (
    <Head title={t.explorer.title}>
      <Toolbar>
        <Choices label={t.explorer.count} value={filters['empty']} choose={(empty) => change({ empty })} of={[['', t.state.all], ['false', t.explorer.withTransactions]]} />
        <Entry label={t.explorer.to} value={filters['to']} enter={(to) => change({ to })} pattern="[0-9]*" />
      </Toolbar>
      <Section flush>
        <List name="blocks" filters={only(filters, 'empty', 'to', 'from')} caption={t.explorer.blocks} empty={t.explorer.empty} keyOf={(it) => it.hash} columns={[
          { head: t.explorer.height, end: true, cell: (it) => <HeightLink height={it.height} /> },
          { head: t.explorer.time, cell: (it) => <Time at={it.time} /> },
          { head: t.explorer.count, end: true, cell: (it) => (it.transactions === 0 ? <span className="muted">0</span> : <strong>{it.transactions}</strong>) },
          { head: t.explorer.eventCount, end: true, wide: true, cell: (it) => it.events },
          { head: t.explorer.proposer, cell: (it) => (it.proposer === null ? t.explorer.genesis : names.get(it.proposer) ?? <Hash text={it.proposer} />) },
          { head: t.explorer.round, end: true, wide: true, cell: (it) => (it.round === 0 ? <span className="muted">0</span> : <span className="late">{it.round}</span>) },
          { head: t.explorer.gas, end: true, wide: true, cell: (it) => <Count value={it.gasUsed} /> },
          { head: t.explorer.hash, wide: true, cell: (it) => <Hash text={it.hash} /> },
        ]} />
      </Section>
    </Head>
  )
}

/** Names of validators by their keys. */
export function useValidatorNames(): ReadonlyMap<string, string> {
  const { data } = useRows('validators', { current: 'true' })
  return new Map((data ?? []).map((it) => [it.key, it.name]))
}

interface WholeBlock extends Row<'blocks'> {
  readonly parentStateRoot: string
  readonly parentReceiptsRoot: string
  readonly transactionsRoot: string
  readonly validatorsHash: string
}

export function Block() {
  const t = useTexts()
  const { id } = useParams({ strict: false }) as { id: string }
  const item = useItem<WholeBlock>('blocks', id)
  const names = useValidatorNames()
  return (
    <Answer of={item}>{(it) => (
      <Page title={`${t.explorer.block} ${it.height}`} about={<Time at={it.time} full />} aside={
        <div className="steps">
          {it.height > 0 && <Go to={`/explorer/blocks/${it.height - 1}`} className="button">{t.explorer.previous}</Go>}
          <Go to={`/explorer/blocks/${it.height + 1}`} className="button">{t.explorer.next}</Go>
        </div>
      }>
        <Section>
          <Facts of={[
            [t.explorer.proposer, it.proposer === null ? t.explorer.genesis : names.get(it.proposer) ?? <Hash text={it.proposer} />],
            [t.explorer.round, String(it.round)],
            [t.explorer.count, String(it.transactions)],
            [t.explorer.eventCount, String(it.events)],
            [t.explorer.gas, <Count value={it.gasUsed} />],
            [t.explorer.hash, <Hash text={it.hash} whole />],
          ]} />
        </Section>
        <Section title={t.explorer.transactions} flush>
          {it.transactions === 0 && it.height > 0 ? <Empty>{t.explorer.emptyBlock}</Empty>
            : <TransactionList filters={{ from: String(it.height), to: String(it.height) }} empty={t.explorer.emptyBlock} />}
        </Section>
        <Section title={t.explorer.roots}>
          <Facts of={[
            [t.explorer.parent, <Hash text={it.parent} whole />], [t.explorer.stateRoot, <Hash text={it.parentStateRoot} whole />], [t.explorer.receiptsRoot, <Hash text={it.parentReceiptsRoot} whole />],
            [t.explorer.transactionsRoot, <Hash text={it.transactionsRoot} whole />], [t.explorer.validatorsHash, <Hash text={it.validatorsHash} whole />],
          ]} />
        </Section>
      </Page>
    )}</Answer>
  )
}

export function Events() {
  const t = useTexts()
  const [filters, change] = useFilters()
  return (
    <Head title={t.explorer.title}>
      <Toolbar>
        <ModuleFilter value={filters['module']} choose={(module) => change({ module })} />
        <Entry label={t.explorer.name} value={filters['name']} enter={(name) => change({ name })} hint="transferred" />
        <Entry label={t.explorer.to} value={filters['to']} enter={(to) => change({ to })} pattern="[0-9]*" />
      </Toolbar>
      <Section flush>
        <List name="events" filters={only(filters, 'module', 'name', 'to', 'from', 'mentions')} caption={t.explorer.events} empty={t.explorer.emptyEvents} keyOf={(it) => `${it.height}/${it.index}/${it.event}`} columns={[
          { head: t.explorer.time, cell: (it) => <Time at={it.time} /> },
          { head: t.explorer.what, cell: (it) => <EventSentence event={it} /> },
          { head: t.explorer.name, wide: true, cell: (it) => <span className="muted">{it.module}/{it.name}</span> },
          { head: t.explorer.height, end: true, wide: true, cell: (it) => <HeightLink height={it.height} /> },
        ]} />
      </Section>
    </Head>
  )
}

/** The functions of a module, from the interface that it declares. */
const functionsOf = (row: Row<'modules'>): { name: string; parameters: { name: string }[] }[] => row.interface?.functions ?? []

export function Modules() {
  const t = useTexts()
  return (
    <Head title={t.explorer.title}>
      <Section flush>
        <List name="modules" caption={t.explorer.modules} empty={t.state.none} keyOf={(it) => `${it.module}/${it.fromHeight}/${it.fromIndex}/${it.fromEvent}`} columns={[
          { head: t.explorer.module, cell: (it) => <Go to={`/explorer/modules/${it.module}`}>{it.module}</Go> },
          { head: t.explorer.version, end: true, cell: (it) => <HeightLink height={it.fromHeight} /> },
          { head: t.explorer.functions, end: true, cell: (it) => functionsOf(it).length },
          { head: t.explorer.code, wide: true, cell: (it) => <Hash text={it.code} /> },
        ]} />
      </Section>
    </Head>
  )
}

export function Module() {
  const t = useTexts()
  const { name } = useParams({ strict: false }) as { name: string }
  const versions = useRows('modules', { module: name }, { limit: 20 })
  return (
    <Page title={name} about={t.explorer.module} aside={<Go to="/explorer" search={{ module: name }} className="button">{t.explorer.transactions}</Go>}>
      <Answer of={versions} empty={t.state.notFound}>{([latest]) => latest === undefined ? null : (
        <>
          <Section>
            <Facts of={[[t.explorer.version, <HeightLink height={latest.fromHeight} />], [t.explorer.functions, String(functionsOf(latest).length)], [t.explorer.code, <Hash text={latest.code} whole />]]} />
          </Section>
          <Section title={t.explorer.functions}>
            <ul className="functions">{functionsOf(latest).map((it) => <li key={it.name}><code><strong>{it.name}</strong>({it.parameters.map((p) => p.name).join(', ')})</code></li>)}</ul>
          </Section>
          <Section title={t.explorer.wit}>
            <Fold name={t.explorer.wit} line={fill(t.state.rowsOf, { n: latest.wit.split('\n').length })}><pre className="json" tabIndex={0}>{latest.wit}</pre></Fold>
          </Section>
        </>
      )}</Answer>
    </Page>
  )
}
