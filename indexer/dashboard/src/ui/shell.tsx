/** The frame of all pages: areas, search, freshness, colours and language. */
import { Outlet, useRouterState } from '@tanstack/react-router'
import { Component, type ErrorInfo, type ReactNode, useEffect, useRef, useState } from 'react'
import { useRow } from '../api/lists'
import { useLive } from '../api/live'
import { fill, type Language, LANGUAGES, remember, remembered, useLanguage, useTexts } from '../texts'
import { Go } from './link'
import { Search } from './search'
import { useAge } from './values'

const AREAS = [
  ['home', '/', 'M2.5 7.5 8 3l5.5 4.5V13h-4V9.5h-3V13h-4z'],
  ['market', '/market', 'M3 3h10l1 4H2zM3 7v6h10V7M6 13v-3.5h4V13'],
  ['jobs', '/jobs', 'M2 5h12v8H2zM6 5V3h4v2M2 8.5h12'],
  ['wallet', '/wallet', 'M2 4h11v9H2zM13 7h1.5v3H13M2 4l8-2v2'],
  ['credit', '/credit', 'M2 13V3M2 13h12M5 10.5 8 7l2.5 2L14 4.5'],
  ['explorer', '/explorer', 'M3 2.5h10v4H3zM3 9.5h10v4H3zM8 6.5v3'],
  ['network', '/network', 'M8 2.5v3M8 8l-4.5 4M8 8l4.5 4M6.3 5.5h3.4v3H6.3zM2 11h3v3H2zM11 11h3v3h-3z'],
  ['developers', '/developers', 'M5.5 4.5 2 8l3.5 3.5M10.5 4.5 14 8l-3.5 3.5'],
] as const

function Nav() {
  const t = useTexts()
  return (
    <nav className="areas" aria-label={t.nav.main}>
      {AREAS.map(([name, to, path]) => (
        <Go key={name} to={to} {...(to === '/' && { className: 'exact' })}>
          <svg viewBox="0 0 16 16" aria-hidden="true"><path d={path} /></svg><span>{t.nav[name]}</span>
        </Go>
      ))}
    </nav>
  )
}

/** The heartbeats without a block after which tables are not fresh any more, as the indexer counts them. */
const STALE_HEARTBEATS = 5
const HEARTBEAT_MS = 10_000

/** Up to which block the page is, and how old that is. */
function Freshness() {
  const t = useTexts()
  const age = useAge()
  const { stream, height, blockAt } = useLive()
  const { data: heartbeat } = useRow('parameters', { name: 'consensus.heartbeat_ms' })
  const [now, setNow] = useState(Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 200)
    return () => clearInterval(timer)
  }, [])
  const old = blockAt === null ? 0 : Math.max(0, now - blockAt)
  const isStale = old > Number(heartbeat?.value ?? HEARTBEAT_MS) * STALE_HEARTBEATS
  const tone = stream === 'lost' || isStale ? 'bad' : stream === 'open' ? 'good' : 'plain'
  return (
    <div className={`fresh ${tone}`}>
      <span className="dot" aria-hidden="true" />
      {height === null ? <span>{stream === 'lost' ? t.fresh.lost : t.fresh.connecting}</span> : (
        <>
          <Go to={`/explorer/blocks/${height}`}><span className="fresh-block">{fill(t.fresh.block, { height })}</span></Go>
          <span className="fresh-age" aria-hidden="true">{fill(t.fresh.ago, { age: age(old) })}</span>
        </>
      )}
      <span className="visually-hidden" role="status">{stream === 'lost' ? t.fresh.lost : isStale ? fill(t.fresh.stale, { age: age(Math.round(old / 10_000) * 10_000) }) : ''}</span>
    </div>
  )
}

/** A line over the page while what it shows is old. */
function Warning() {
  const t = useTexts()
  const { stream, height } = useLive()
  return stream === 'lost' && height !== null ? <div className="warning">{t.fresh.lost}</div> : null
}

type Colours = 'auto' | 'light' | 'dark'
const COLOURS = 'ehb-colours'

const remembersColours = (): Colours => {
  const value = remembered(COLOURS)
  return value === 'light' || value === 'dark' ? value : 'auto'
}

function Choices() {
  const t = useTexts()
  const { language, choose } = useLanguage()
  const [colours, setColours] = useState<Colours>(remembersColours)
  useEffect(() => {
    if (colours === 'auto') delete document.documentElement.dataset['colours']
    else document.documentElement.dataset['colours'] = colours
    remember(COLOURS, colours)
  }, [colours])
  return (
    <div className="settings">
      <label><span>{t.top.theme}</span>
        <select value={colours} onChange={(event) => setColours(event.target.value as Colours)}>
          <option value="auto">{t.top.auto}</option><option value="light">{t.top.light}</option><option value="dark">{t.top.dark}</option>
        </select>
      </label>
      <label><span>{t.top.language}</span>
        <select value={language} onChange={(event) => choose(event.target.value as Language)}>
          {LANGUAGES.map(([key, name]) => <option key={key} value={key} lang={key}>{name}</option>)}
        </select>
      </label>
    </div>
  )
}

/** A page with an error does not take the others with it. */
class Boundary extends Component<{ place: string; title: string; again: string; children: ReactNode }, { error: Error | null }> {
  override state: { error: Error | null } = { error: null }

  static getDerivedStateFromError(error: Error) {
    return { error }
  }

  override componentDidUpdate(before: { place: string }) {
    if (before.place !== this.props.place && this.state.error !== null) this.setState({ error: null })
  }

  override componentDidCatch(error: Error, info: ErrorInfo) {
    console.error(error, info.componentStack)
  }

  override render() {
    if (this.state.error === null) return this.props.children
    return (
      <div className="problem" role="alert"><strong>{this.props.title}</strong><p>{this.state.error.message}</p>
        <button type="button" onClick={() => location.reload()}>{this.props.again}</button>
      </div>
    )
  }
}

export function Shell() {
  const t = useTexts()
  const place = useRouterState({ select: (it) => it.location.pathname })
  const main = useRef<HTMLElement>(null)
  const menu = useRef<HTMLDialogElement>(null)
  const isFirst = useRef(true)
  useEffect(() => {
    menu.current?.close()
    // A screen reader begins at the new page, as a browser does after a link.
    if (!isFirst.current) main.current?.focus({ preventScroll: true })
    isFirst.current = false
  }, [place])
  const brand = <Go to="/" className="brand" label="EHB"><img src="/icon.svg" alt="" width="26" height="26" /><span>EHB</span></Go>
  return (
    <div className="shell">
      <a className="skip" href="#content" onClick={(event) => { event.preventDefault(); main.current?.focus() }}>{t.nav.skip}</a>
      <aside className="side" aria-label={t.nav.menu}>{brand}<Nav /><Choices /></aside>
      <header className="top">
        <button type="button" className="menu-button" aria-label={t.nav.menu} onClick={() => menu.current?.showModal()}>
          <svg viewBox="0 0 16 16" aria-hidden="true"><path d="M2 4h12M2 8h12M2 12h12" /></svg>
        </button>
        <Search />
        <Freshness />
      </header>
      <main id="content" ref={main} tabIndex={-1}>
        <Warning />
        <Boundary place={place} title={t.state.crashed} again={t.state.reload}><Outlet /></Boundary>
      </main>
      <dialog ref={menu} className="drawer" aria-label={t.nav.menu} onClick={(event) => { if (event.target === menu.current) menu.current?.close() }}>
        <div className="drawer-inside">
          <div className="drawer-head">{brand}<button type="button" className="plain" onClick={() => menu.current?.close()}>{t.nav.close}</button></div>
          <Nav /><Choices />
        </div>
      </dialog>
    </div>
  )
}
