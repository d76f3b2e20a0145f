/** Jobs: postings with applications, contracts with milestones and escrow. */
import { useParams } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { Row } from '../api/client'
import { useRow, useRows } from '../api/lists'
import { fill, useTexts } from '../texts'
import { Go, only, useFilters } from '../ui/link'
import { List, StateChoices, Table } from '../ui/list'
import { Answer, Entry, Facts, Page, Section, Tabs, Timeline, Toolbar } from '../ui/parts'
import { Account, Amount, ContractLink, Deadline, Plain, PostingLink, State, Time, useStateWords } from '../ui/values'
import { type Action, Actions } from '../ui/act'
import { DisputeView } from './market'

function Head({ children }: { children: ReactNode }) {
  const t = useTexts()
  return (
    <Page title={t.jobs.title}>
      <Tabs label={t.jobs.title} of={[['/jobs', t.jobs.postings], ['/jobs/contracts', t.jobs.contracts]]} />
      {children}
    </Page>
  )
}

export function Postings() {
  const t = useTexts()
  const [filters, change] = useFilters()
  return (
    <Head>
      <Toolbar>
        <StateChoices list="postings" value={filters['state']} choose={(state) => change({ state })} of={['open', 'deciding', 'filled', 'closed', 'expired']} />
        <Entry label={t.jobs.words} type="search" value={filters['q']} enter={(q) => change({ q })} />
      </Toolbar>
      <Section flush>
        <List name="postings" filters={only(filters, 'state', 'q', 'client')} caption={t.jobs.postings} empty={t.jobs.noPostings} keyOf={(it) => it.id} columns={[
          { head: t.jobs.posting, cell: (it) => <PostingLink id={it.id} name={it.title} /> },
          { head: t.jobs.state, cell: (it) => <State of={it.state} /> },
          { head: t.jobs.client, wide: true, cell: (it) => <Account address={it.client} /> },
          { head: t.jobs.budget, end: true, cell: (it) => <Amount value={it.budget} asset={it.asset} /> },
          { head: t.jobs.hired, end: true, wide: true, cell: (it) => fill(t.jobs.hiredOf, { hired: it.hired, all: it.positions }) },
          { head: t.jobs.until, wide: true, cell: (it) => <Time at={it.applyUntilMs} /> },
        ]} />
      </Section>
    </Head>
  )
}

export function Posting() {
  const t = useTexts()
  const { id } = useParams({ strict: false }) as { id: string }
  const posting = useRow('postings', { id })
  const applications = useRows('applications', { posting: id })
  const offers = useRows('offers', { posting: id })
  const contracts = useRows('contracts', { client: posting.data?.client }, { enabled: posting.data !== undefined && posting.data !== null })
  const own = (contracts.data ?? []).filter((it) => it.posting === id)
  return (
    <Page title={posting.data ? <Plain>{posting.data.title}</Plain> : `${t.jobs.posting} ${id}`} about={posting.data ? <State of={posting.data.state} /> : undefined}>
      <Answer of={posting}>{(it) => (
        <>
          <Section>
            {it.summary !== '' && <p className="lead"><Plain>{it.summary}</Plain></p>}
            <Facts of={[
              [t.jobs.client, <Account address={it.client} />], [t.jobs.budget, <Amount value={it.budget} asset={it.asset} />],
              [t.jobs.hired, fill(t.jobs.hiredOf, { hired: it.hired, all: it.positions })], [t.jobs.until, <Time at={it.applyUntilMs} />],
              [t.jobs.deadline, it.deadlineMs === null ? null : <Deadline at={it.deadlineMs} />],
              [t.jobs.skills, Array.isArray(it.skills) && it.skills.length > 0 ? <Plain>{(it.skills as string[]).join(', ')}</Plain> : null], [t.jobs.place, it.place === '' ? null : <Plain>{it.place}</Plain>],
              [t.jobs.contracts, own.length === 0 ? null : own.map((of) => <span key={of.id}><ContractLink id={of.id} /> </span>)],
            ]} />
          </Section>
          <Section title={t.jobs.applications} flush>
            <Answer of={applications} empty={t.jobs.noApplications}>{(rows) => (
              <Table rows={rows} caption={t.jobs.applications} keyOf={(row) => row.id} columns={[
                { head: t.jobs.applicant, cell: (row) => <Account address={row.applicant} /> },
                { head: t.jobs.state, cell: (row) => <State of={row.state} /> },
                { head: t.jobs.price, end: true, cell: (row) => <Amount value={row.price} asset={it.asset} /> },
                { head: t.jobs.summary, wide: true, cell: (row) => <Plain>{row.note}</Plain> },
              ]} />
            )}</Answer>
          </Section>
          {(offers.data ?? []).length > 0 && (
            <Section title={t.jobs.offers} flush>
              <Table rows={offers.data ?? []} caption={t.jobs.offers} keyOf={(row) => row.id} columns={[
                { head: t.jobs.contractor, cell: (row) => <Account address={row.contractor} /> },
                { head: t.jobs.state, cell: (row) => <State of={row.state} /> },
                { head: t.jobs.milestones, end: true, cell: (row) => (row.milestones as unknown[]).length },
                { head: t.jobs.deadline, wide: true, cell: (row) => <Deadline at={row.deadlineMs} /> },
              ]} />
            </Section>
          )}
        </>
      )}</Answer>
    </Page>
  )
}

export function Contracts() {
  const t = useTexts()
  const [filters, change] = useFilters()
  return (
    <Head>
      <Toolbar>
        <StateChoices list="contracts" value={filters['state']} choose={(state) => change({ state })} of={['active', 'terminating', 'completed', 'cancelled', 'terminated', 'expired']} />
        <Entry label={t.jobs.contractor} value={filters['contractor']} enter={(contractor) => change({ contractor })} hint="ehbt1…" />
      </Toolbar>
      <Section flush>
        <List name="contracts" filters={only(filters, 'state', 'client', 'contractor')} caption={t.jobs.contracts} empty={t.jobs.noContracts} keyOf={(it) => it.id} columns={[
          { head: t.jobs.contract, cell: (it) => <ContractLink id={it.id} /> },
          { head: t.jobs.state, cell: (it) => <State of={it.state} /> },
          { head: t.jobs.client, wide: true, cell: (it) => <Account address={it.client} /> },
          { head: t.jobs.contractor, cell: (it) => <Account address={it.contractor} /> },
          { head: t.jobs.open, end: true, wide: true, cell: (it) => it.openMilestones },
          { head: t.jobs.paid, end: true, cell: (it) => <Amount value={it.paid} asset={it.asset} /> },
        ]} />
      </Section>
    </Head>
  )
}

const TONES: { readonly [state: string]: 'good' | 'warn' | 'bad' } = { paid: 'good', approved: 'good', disputed: 'warn', revising: 'warn', expired: 'bad', cancelled: 'bad', refunded: 'bad' }

/** What can be done with a milestone in its state. */
function actionsOf(of: Row<'milestones'>, t: ReturnType<typeof useTexts>): Action[] {
  const call = (label: string, name: string, once: boolean): Action => ({ label, module: 'jobs', function: name, arguments: { milestone: BigInt(of.id) }, once })
  switch (of.state) {
    case 'pending': return [call(t.act.fund, 'fund-milestone', true)]
    case 'submitted': return [call(t.act.approve, 'approve-milestone', false)]
    case 'approved': return [call(t.act.pay, 'pay-milestone', true)]
    default: return []
  }
}

function Milestone({ of, asset }: { of: Row<'milestones'>; asset: string }) {
  const t = useTexts()
  const words = useStateWords()
  const steps = useRows('milestone-steps', { milestone: of.id })
  const dispute = useRow('disputes', { module: 'jobs', id: of.dispute ?? undefined }, of.dispute !== null)
  return (
    <>
      <Section title={<><Plain>{of.title}</Plain> <State of={of.state} /></>} aside={<Actions of={actionsOf(of, t)} />}>
        <Facts of={[
          [t.jobs.budget, <Amount value={of.amount} asset={asset} />], [t.jobs.funded, of.funded === null ? null : <Amount value={of.funded} asset={asset} />],
          [t.jobs.paid, of.paid === null ? null : <Amount value={of.paid} asset={asset} />], [t.jobs.fee, of.fee === null ? null : <Amount value={of.fee} asset={asset} />],
          [t.jobs.refunded, of.refunded === null || of.refunded === '0' ? null : <Amount value={of.refunded} asset={asset} />],
          [t.jobs.due, <Time at={of.dueMs} />], [t.jobs.deadline, of.deadlineMs === null ? null : <Deadline at={of.deadlineMs} />],
        ]} />
        <Answer of={steps}>{(rows) => (
          <Timeline of={rows.toReversed().map((it) => ({ key: String(it.n), title: words(it.state), tone: TONES[it.state], time: <Go to={`/explorer/transactions/${it.transaction ?? ''}`} className="quiet"><Time at={it.time} full /></Go> }))} />
        )}</Answer>
      </Section>
      {dispute.data && <DisputeView dispute={dispute.data} asset={asset} />}
    </>
  )
}

export function Contract() {
  const t = useTexts()
  const { id } = useParams({ strict: false }) as { id: string }
  const contract = useRow('contracts', { id })
  const milestones = useRows('milestones', { contract: id })
  const posting = useRow('postings', { id: contract.data?.posting }, contract.data?.posting !== undefined)
  return (
    <Page title={`${t.jobs.contract} ${id}`} about={contract.data ? <State of={contract.data.state} /> : undefined}>
      <Answer of={contract}>{(it) => (
        <>
          <Section>
            <Facts of={[
              [t.jobs.client, <Account address={it.client} />], [t.jobs.contractor, <Account address={it.contractor} />], [t.jobs.posting, <PostingLink id={it.posting} name={posting.data?.title} />],
              [t.jobs.paid, <Amount value={it.paid} asset={it.asset} />], [t.jobs.open, it.openMilestones],
            ]} />
          </Section>
          <Answer of={milestones} empty={t.jobs.noMilestones}>{(rows) => <>{rows.toReversed().map((of) => <Milestone key={of.id} of={of} asset={it.asset} />)}</>}</Answer>
        </>
      )}</Answer>
    </Page>
  )
}
