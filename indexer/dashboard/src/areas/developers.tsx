/** For developers: endpoints, the lists of the API, a console of events, and webhooks. */
import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { get, getList, type Row } from '../api/client'
import { fill, useTexts } from '../texts'
import { useFilters } from '../ui/link'
import { Table } from '../ui/list'
import { Answer, Empty, Entry, Facts, Fold, Page, Section, Select, Tabs, Toolbar } from '../ui/parts'
import { EventSentence } from '../ui/sentence'
import { Copy, Count, HeightLink, JsonValue, Time } from '../ui/values'
import { useLive } from '../api/live'

const MODULES = ['wallet', 'marketplace', 'jobs', 'credit', 'kernel'] as const

function Head({ children }: { children: ReactNode }) {
  const t = useTexts()
  return (
    <Page title={t.dev.title} about={t.dev.about}>
      <Tabs label={t.dev.title} of={[['/developers', t.dev.endpoints], ['/developers/api', t.dev.api], ['/developers/console', t.dev.console], ['/developers/webhooks', t.dev.webhooks]]} />
      {children}
    </Page>
  )
}

interface IndexerStatus {
  readonly height: number | null
  readonly head: number
  readonly endpoint: string
  readonly verifiedHeight: number | null
  readonly differences: number
  readonly problem: string | null
}

function Sample({ text }: { text: string }) {
  return <div className="sample"><pre className="json" tabIndex={0}>{text}</pre><Copy text={text} /></div>
}

export function Endpoints() {
  const t = useTexts()
  const { height } = useLive()
  const status = useQuery({ queryKey: ['item', 'status', Math.floor((height ?? 0) / 20)], queryFn: ({ signal }) => get<IndexerStatus>('/status', signal) })
  const origin = location.origin
  return (
    <Head>
      <Section title={t.dev.endpoints}>
        <Facts of={[
          [t.dev.api, <code>{origin}/v1</code>], [t.dev.openapi, <a href="/openapi.json">{origin}/openapi.json</a>], [t.dev.live, <code>{origin}/v1/live</code>],
          [t.dev.openrpc, status.data && status.data.endpoint !== '' ? <a href={status.data.endpoint} rel="noreferrer">{status.data.endpoint}</a> : null],
        ]} />
      </Section>
      <Section title={t.dev.status}>
        <Answer of={status}>{(it) => (
          <Facts of={[
            [t.dev.height, it.height === null ? null : <HeightLink height={it.height} />], [t.dev.head, <Count value={it.head} />], [t.dev.endpoint, <code>{it.endpoint}</code>],
            [t.dev.verified, it.verifiedHeight === null ? t.dev.neverVerified : <HeightLink height={it.verifiedHeight} />], [t.dev.differences, it.differences > 0 ? <span className="failure">{it.differences}</span> : '0'],
            [t.dev.problem, it.problem === null ? null : <span className="failure">{it.problem}</span>],
          ]} />
        )}</Answer>
      </Section>
      <Section title={t.dev.samples}>
        <Sample text={`curl '${origin}/v1/transactions?limit=5'`} />
        <Sample text={`curl '${origin}/v1/sub-orders?state=placed&format=csv' > orders.csv`} />
        <Sample text={`curl -N '${origin}/v1/live'`} />
      </Section>
      <Section title={t.dev.sql}><p>{t.dev.sqlText}</p><Sample text={'psql "$(ehb-indexer db url --dir ./index)" -c \'select * from report.balances limit 10\''} /></Section>
    </Head>
  )
}

interface OpenApi {
  readonly paths: { readonly [path: string]: { readonly get?: { readonly operationId?: string; readonly description?: string; readonly summary?: string; readonly parameters?: readonly { readonly name: string; readonly description?: string }[] } } }
}

const COMMON = new Set(['cursor', 'limit', 'format'])

export function Api() {
  const t = useTexts()
  const [filters, change] = useFilters()
  const api = useQuery({ queryKey: ['openapi'], queryFn: ({ signal }) => get<OpenApi>('/openapi.json', signal), staleTime: Infinity })
  const wanted = (filters['q'] ?? '').toLowerCase()
  return (
    <Head>
      <Toolbar><Entry label={t.dev.find} type="search" value={filters['q']} enter={(q) => change({ q })} /></Toolbar>
      <Answer of={api}>{({ paths }) => {
        const lists = Object.entries(paths).filter(([path, it]) => it.get?.operationId?.startsWith('list-') === true && path.includes(wanted))
        if (lists.length === 0) return <Empty>{t.dev.noLists}</Empty>
        return (
          <Section flush>
            <Table rows={lists} caption={t.dev.api} keyOf={([path]) => path} columns={[
              { head: t.dev.list, cell: ([path]) => <code>{path}</code> },
              { head: t.dev.what, cell: ([, it]) => it.get?.description ?? it.get?.summary ?? '' },
              { head: t.dev.filters, wide: true, cell: ([, it]) => <span className="muted">{(it.get?.parameters ?? []).map((p) => p.name).filter((name) => !COMMON.has(name)).join(', ')}</span> },
              { head: t.dev.try, cell: ([path]) => <a href={`${path}?limit=5`} className="nowrap">{t.dev.try}</a> },
            ]} />
          </Section>
        )
      }}</Answer>
    </Head>
  )
}

/** The most events in the console; older ones leave it. */
const EVENTS_MAX = 200

export function Console() {
  const t = useTexts()
  const [filters, change] = useFilters()
  const [running, setRunning] = useState(true)
  const [events, setEvents] = useState<Row<'events'>[]>([])
  const { height } = useLive()
  const from = useRef<number | null>(null)
  const module = filters['module']
  const name = filters['name']
  useEffect(() => {
    if (!running || height === null) return
    const first = from.current ?? height
    from.current = height + 1
    if (first > height) return
    getList('events', { from: String(first), to: String(height), module, name, limit: '200' })
      .then(({ data }) => setEvents((before) => [...data, ...before].slice(0, EVENTS_MAX)))
      .catch(() => { from.current = first })
  }, [height, running, module, name])
  return (
    <Head>
      <Toolbar>
        <Select label={t.dev.module} value={module} choose={(it) => { setEvents([]); change({ module: it }) }} of={[['', t.dev.filterHint], ...MODULES.map((it) => [it, it] as const)]} />
        <Entry label={t.dev.name} value={name} enter={(it) => { setEvents([]); change({ name: it }) }} hint="transferred" />
        <button type="button" className={running ? '' : 'primary'} onClick={() => { from.current = null; setRunning(!running) }}>{running ? t.dev.stop : t.dev.connect}</button>
        <button type="button" onClick={() => setEvents([])}>{t.dev.clear}</button>
        <span className="muted" role="status">{fill(t.dev.received, { n: events.length })}</span>
      </Toolbar>
      <Section>
        {events.length === 0 ? <Empty>{running ? t.dev.waiting : t.dev.stopped}</Empty> : events.map((it) => (
          <Fold key={`${it.height}/${it.index}/${it.event}`} name={`${t.state.details} ${it.name}`} line={<><Time at={it.time} /> <EventSentence event={it} /> <span className="muted small">{it.module}/{it.name}</span></>}>
            <JsonValue value={it} />
          </Fold>
        ))}
      </Section>
    </Head>
  )
}

export function Webhooks() {
  const t = useTexts()
  return (
    <Head>
      <Section title={t.dev.webhooks}>
        <p>{t.dev.hooksText}</p>
        <Sample text="ehb-indexer webhook add https://shop.example/events --module wallet --name transferred --dir ./index" />
        <Sample text="ehb-indexer webhook list --dir ./index" />
        <Sample text={'ehb-indexer webhook dead 1 --dir ./index\nehb-indexer webhook resend 1 --dir ./index'} />
        <p>{t.dev.signature}</p>
      </Section>
    </Head>
  )
}

