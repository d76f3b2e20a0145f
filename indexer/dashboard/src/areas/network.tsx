/** The network: validators with their votes, proposals, roles, upgrades, parameters and the audit log. */
import type { ReactNode } from 'react'
import type { Json } from '../api/rows'
import type { Row } from '../api/client'
import { useRows } from '../api/lists'
import { fill, useTexts } from '../texts'
import { Go, only, useFilters } from '../ui/link'
import { List, Table } from '../ui/list'
import { Answer, Bars, Entry, Fold, Page, Section, Tabs, Toolbar } from '../ui/parts'
import { EventSentence } from '../ui/sentence'
import { Account, caseOf, Count, Hash, HeightLink, Plain, State, Time } from '../ui/values'

/** The blocks of which the votes are drawn. */
const BLOCKS = 100

function Head({ children }: { children: ReactNode }) {
  const t = useTexts()
  return (
    <Page title={t.network.title}>
      <Tabs label={t.network.title} of={[['/network', t.network.validators], ['/network/proposals', t.network.proposals], ['/network/roles', t.network.roles], ['/network/upgrades', t.network.modules], ['/network/audit', t.network.audit], ['/network/parameters', t.network.parameters]]} />
      {children}
    </Page>
  )
}

/** The votes of a validator in the last blocks, the newest at the end. */
function Marks({ missed, head, label }: { missed: ReadonlySet<number>; head: number; label: string }) {
  const first = Math.max(1, head - BLOCKS + 1)
  const heights = Array.from({ length: head - first + 1 }, (_, at) => first + at)
  return (
    <div className="marks"><svg viewBox={`0 0 ${heights.length * 4} 18`} preserveAspectRatio="none" role="img" aria-label={label}>
      {heights.map((height, at) => <rect key={height} x={at * 4} width="3" height="18" className={missed.has(height) ? 'miss' : 'rest'} />)}
    </svg></div>
  )
}

export function Validators() {
  const t = useTexts()
  const validators = useRows('validators', { current: 'true' })
  const uptimes = useRows('validator-uptimes')
  const blocks = useRows('blocks', {}, { limit: BLOCKS })
  const head = (blocks.data?.[0]?.height ?? 1) - 1
  const missed = useRows('missed-votes', { from: String(Math.max(1, head - BLOCKS)) }, { enabled: blocks.data !== undefined })
  const current = (validators.data ?? []).toSorted((a, b) => a.name.localeCompare(b.name))
  const first = (blocks.data ?? []).filter((it) => it.round === 0).length
  return (
    <Head>
      <Section flush>
        <Answer of={validators}>{() => (
          <Table rows={current} caption={t.network.validators} keyOf={(it) => it.key} columns={[
            { head: t.network.name, cell: (it) => <><strong>{it.name}</strong>{it.power === '0' && <div className="muted">{t.network.former}</div>}</> },
            { head: t.network.power, end: true, cell: (it) => <Count value={it.power} /> },
            { head: t.network.signed, end: true, cell: (it) => {
              const of = uptimes.data?.find((row) => row.validator === it.key)
              return of?.uptimePercent == null ? <span className="muted">–</span> : <span className="amount">{of.uptimePercent} %</span>
            } },
            { head: t.network.missed, end: true, cell: (it) => <Count value={uptimes.data?.find((row) => row.validator === it.key)?.missed} /> },
            { head: t.network.votes, wide: true, cell: (it) => {
              const own = new Set((missed.data ?? []).filter((row) => row.validator === it.key).map((row) => row.height))
              return <Marks head={head} missed={own} label={`${it.name}: ${own.size} ${t.network.missed}`} />
            } },
            { head: t.network.key, wide: true, cell: (it) => <Hash text={it.key} /> },
          ]} />
        )}</Answer>
      </Section>
      <p className="muted">{fill(t.network.missedHint, { n: BLOCKS })}</p>
      <Section title={t.network.rounds}>
        <Answer of={blocks}>{(rows) => (
          <>
            <p className="muted">{fill(t.network.firstRound, { n: rows.length, first })}</p>
            {first < rows.length && <Bars label={t.network.rounds} of={rows.toReversed().map((it) => ({ key: it.hash, name: fill(t.fresh.block, { height: it.height }), value: it.round, shown: fill(t.network.round, { n: it.round }), tone: it.round > 0 ? 'bad' as const : undefined }))} />}
          </>
        )}</Answer>
      </Section>
    </Head>
  )
}

/** The power for and against a proposal, and who voted how. */
function Votes({ of }: { of: Row<'network-proposals'> }) {
  const t = useTexts()
  const votes = useRows('votes', { proposal: of.proposal })
  // An organisation can change its vote: its newest row counts, which comes first.
  const latest = [...new Map((votes.data ?? []).toReversed().map((it) => [it.organisation, it])).values()]
  return (
    <Fold name={`${t.network.votes} ${of.proposal}`} line={fill(t.network.percents, { yes: of.percentFor ?? '–', no: of.percentAgainst ?? '–', needed: of.percentNeeded ?? '–' })}>
      <ul>{latest.map((it) => <li key={it.organisation}>{it.organisation}: <strong>{it.accepts ? t.network.yes : t.network.no}</strong> <Account address={it.by} /></li>)}</ul>
    </Fold>
  )
}

export function Proposals() {
  const t = useTexts()
  return (
    <Head>
      <Section flush>
        <List name="network-proposals" caption={t.network.proposals} empty={t.network.noProposals} keyOf={(it) => it.proposal} columns={[
          { head: t.network.proposal, cell: (it) => <><strong>{it.proposal}</strong> <Plain>{it.reason}</Plain></> },
          { head: t.network.state, cell: (it) => <State of={it.state} /> },
          { head: t.network.organisation, cell: (it) => <Plain>{it.organisation}</Plain> },
          { head: t.network.changes, cell: (it) => (it.actions as Json[]).map((action, at) => <div key={at}><code>{caseOf(action)}</code> <span className="muted"><Plain>{actionWords(action)}</Plain></span></div>) },
          { head: t.network.votes, cell: (it) => <Votes of={it} /> },
          { head: t.network.made, wide: true, cell: (it) => <Time at={it.made} /> },
          { head: t.network.until, wide: true, cell: (it) => <Time at={it.until} /> },
        ]} />
      </Section>
    </Head>
  )
}

/** What an action of a proposal is about. */
function actionWords(action: Json): string {
  const [value] = Object.values((typeof action === 'object' && action !== null ? action : {}) as Record<string, Json>)
  if (typeof value !== 'object' || value === null) return String(value ?? '')
  return Object.values(value as Record<string, Json>).map((it) => (typeof it === 'string' || typeof it === 'number' ? String(it) : JSON.stringify(it))).join(' ')
}

export function Roles() {
  const t = useTexts()
  const [filters, change] = useFilters()
  return (
    <Head>
      <Toolbar>
        <Entry label={t.network.account} value={filters['account']} enter={(account) => change({ account })} hint="ehbt1…" />
        <Entry label={t.network.role} value={filters['role']} enter={(role) => change({ role })} hint="administrator" />
      </Toolbar>
      <Section flush>
        <List name="roles" filters={only(filters, 'account', 'role')} caption={t.network.roles} empty={t.network.noRoles} keyOf={(it) => `${it.account}/${it.role}/${it.fromHeight}`} columns={[
          { head: t.network.account, cell: (it) => <Account address={it.account} /> },
          { head: t.network.role, cell: (it) => <strong>{it.role}</strong> },
          { head: t.network.from, end: true, cell: (it) => <HeightLink height={it.fromHeight} /> },
          { head: t.network.granted, wide: true, cell: (it) => (it.by === null ? <span className="muted">{t.network.genesis}</span> : <Account address={it.by} />) },
          { head: t.network.ends, cell: (it) => (it.untilHeight !== null ? <HeightLink height={it.untilHeight} /> : it.untilMs !== null ? <Time at={it.untilMs} /> : <span className="muted">{t.network.still}</span>) },
        ]} />
      </Section>
    </Head>
  )
}

export function Upgrades() {
  const t = useTexts()
  return (
    <Head>
      <Section flush>
        <List name="modules" caption={t.network.modules} empty={t.network.noChanges} keyOf={(it) => `${it.module}/${it.fromHeight}/${it.fromEvent}`} columns={[
          { head: t.network.module, cell: (it) => <Go to={`/explorer/modules/${it.module}`}>{it.module}</Go> },
          { head: t.network.from, end: true, cell: (it) => <HeightLink height={it.fromHeight} /> },
          { head: t.network.code, cell: (it) => <Hash text={it.code} /> },
        ]} />
      </Section>
    </Head>
  )
}

export function Audit() {
  const t = useTexts()
  return (
    <Head>
      <Section flush>
        <List name="admin-actions" caption={t.network.audit} empty={t.network.noChanges} limit={30} keyOf={(it) => `${it.height}/${it.transaction}/${it.action}/${JSON.stringify(it.details)}`} columns={[
          { head: t.network.time, cell: (it) => <Time at={it.time} /> },
          { head: t.network.changes, cell: (it) => <EventSentence event={{ module: it.module ?? '', name: it.action ?? '', value: it.details }} by={it.by} /> },
          { head: t.network.by, wide: true, cell: (it) => (it.by === null ? <span className="muted">{t.network.genesis}</span> : <Account address={it.by} />) },
          { head: t.explorer.height, end: true, wide: true, cell: (it) => <HeightLink height={it.height} /> },
        ]} />
      </Section>
    </Head>
  )
}

export function Parameters() {
  const t = useTexts()
  const rows = useRows('parameters', { current: 'true' })
  return (
    <Head>
      <Section flush>
        <Answer of={rows}>{(all) => (
          <Table rows={all} caption={t.network.parameters} keyOf={(it) => it.name} columns={[
            { head: t.network.name, cell: (it) => <code>{it.name}</code> },
            { head: t.network.value, end: true, cell: (it) => (typeof it.value === 'number' || typeof it.value === 'string' ? <Count value={it.value} /> : <Plain>{Array.isArray(it.value) ? (it.value as string[]).join(', ') : JSON.stringify(it.value)}</Plain>) },
            { head: t.network.from, end: true, wide: true, cell: (it) => <HeightLink height={it.fromHeight} /> },
          ]} />
        )}</Answer>
      </Section>
    </Head>
  )
}

