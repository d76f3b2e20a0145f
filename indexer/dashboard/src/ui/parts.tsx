/** The parts of which pages consist. */
import { useRouterState } from '@tanstack/react-router'
import { type ReactNode, useEffect, useId, useRef, useState } from 'react'
import { ApiError, type Filters } from '../api/client'
import { useTexts } from '../texts'
import { Go } from './link'

export function Page({ title, about, aside, children }: { title: ReactNode; about?: ReactNode; aside?: ReactNode; children: ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    document.title = `${heading.current?.textContent ?? ''} · EHB`
  })
  return (
    <>
      <header className="page-head">
        <div><h1 ref={heading}>{title}</h1>{about !== undefined && <div className="about">{about}</div>}</div>
        {aside !== undefined && <div className="page-aside">{aside}</div>}
      </header>
      {children}
    </>
  )
}

export function Section({ title, aside, children, flush = false }: { title?: ReactNode; aside?: ReactNode; children: ReactNode; flush?: boolean }) {
  const id = useId()
  return (
    <section className={`card${flush ? ' flush' : ''}`} aria-labelledby={title === undefined ? undefined : id}>
      {title !== undefined && <div className="card-head"><h2 id={id}>{title}</h2>{aside}</div>}
      {children}
    </section>
  )
}

/** The pages of an area. */
export function Tabs({ label, of }: { label: string; of: readonly (readonly [string, string])[] }) {
  const place = useRouterState({ select: (it) => it.location.pathname })
  return <nav className="tabs" aria-label={label}>{of.map(([to, name]) => <Go key={to} to={to} {...(place === to && { className: 'here' })}>{name}</Go>)}</nav>
}

/** Names with values. What has no value is left out. */
export function Facts({ of }: { of: readonly (readonly [string, ReactNode])[] }) {
  const given = of.filter(([, value]) => value !== null && value !== undefined && value !== '')
  return <dl className="facts">{given.map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}</dl>
}

export function Empty({ children }: { children: ReactNode }) {
  return <p className="empty">{children}</p>
}

export function Loading({ rows = 3 }: { rows?: number }) {
  const t = useTexts()
  return (
    <div className="loading" role="status">
      <span className="visually-hidden">{t.state.loading}</span>
      {Array.from({ length: rows }, (_, at) => <span key={at} className="bone" />)}
    </div>
  )
}

export function Problem({ error, again }: { error: Error; again?: () => void }) {
  const t = useTexts()
  const code = error instanceof ApiError ? error.code : ''
  const words = code === 'OFFLINE' ? t.state.offline : code === 'NO_PATH' ? t.state.notYet : code === 'NOT_FOUND' ? t.state.notFound : error.message
  return (
    <div className="problem" role="alert">
      <strong>{t.state.failed}</strong>
      <p>{words}</p>
      {again !== undefined && <button type="button" onClick={again}>{t.state.retry}</button>}
    </div>
  )
}

/** A request and what it returned so far. */
export interface Asked<T> {
  readonly data: T | undefined
  readonly error: Error | null
  readonly refetch: () => unknown
}

/** What a request returned, or its state. A value that was read before stays while the server does not answer. */
export function Answer<T>({ of, rows, empty, children }: { of: Asked<T>; rows?: number; empty?: ReactNode; children: (data: NonNullable<T>) => ReactNode }) {
  const t = useTexts()
  if (of.data === undefined) return of.error === null ? <Loading rows={rows ?? 3} /> : <Problem error={of.error} again={() => void of.refetch()} />
  if (of.data === null) return <Empty>{t.state.notFound}</Empty>
  if (empty !== undefined && Array.isArray(of.data) && of.data.length === 0) return <Empty>{empty}</Empty>
  return children(of.data)
}

/** A choice among a few values of a filter, as a row of buttons. */
export function Choices({ label, value, of, choose }: { label: string; value: string | undefined; of: readonly (readonly [string, string])[]; choose: (value: string | undefined) => void }) {
  return (
    <div className="choices" role="group" aria-label={label}>
      {of.map(([key, name]) => (
        <button key={key} type="button" aria-pressed={(value ?? '') === key} onClick={() => choose(key === '' ? undefined : key)}>{name}</button>
      ))}
    </div>
  )
}

/** A choice among many values. */
export function Select({ label, value, of, choose }: { label: string; value: string | undefined; of: readonly (readonly [string, string])[]; choose: (value: string | undefined) => void }) {
  return (
    <label className="field"><span>{label}</span>
      <select value={value ?? ''} onChange={(event) => choose(event.target.value === '' ? undefined : event.target.value)}>
        {of.map(([key, name]) => <option key={key} value={key}>{name}</option>)}
      </select>
    </label>
  )
}

/** A text that filters once it is entered. */
export function Entry({ label, value, enter, hint, type = 'text', pattern }: {
  label: string; value: string | undefined; enter: (value: string | undefined) => void; hint?: string; type?: 'text' | 'date' | 'search'; pattern?: string
}) {
  return (
    <form className="field" onSubmit={(event) => {
      event.preventDefault()
      const given = new FormData(event.currentTarget).get('value')
      enter(typeof given === 'string' && given.trim() !== '' ? given.trim() : undefined)
    }}>
      <label><span>{label}</span>
        <input key={value ?? ''} name="value" type={type} defaultValue={value ?? ''} placeholder={hint} pattern={pattern} autoComplete="off" spellCheck={false}
          onBlur={(event) => { if (event.target.value.trim() !== (value ?? '')) event.target.form?.requestSubmit() }} />
      </label>
    </form>
  )
}

/** A line that can be unfolded. Its line can hold links, which the summary of an element `details` cannot. */
export function Fold({ line, name, children }: { line: ReactNode; name: string; children: ReactNode }) {
  const [open, setOpen] = useState(false)
  const id = useId()
  return (
    <div className="fold">
      <div className="fold-line">
        <button type="button" className="fold-button" aria-expanded={open} aria-controls={id} aria-label={name} onClick={() => setOpen(!open)}>
          <svg viewBox="0 0 16 16" aria-hidden="true"><path d="m6 4 4 4-4 4" /></svg>
        </button>
        <div>{line}</div>
      </div>
      <div id={id}>{open && children}</div>
    </div>
  )
}

export function Toolbar({ children }: { children: ReactNode }) {
  return <div className="toolbar">{children}</div>
}

export interface Step {
  readonly key: string
  readonly title: ReactNode
  readonly time: ReactNode
  readonly note?: ReactNode
  readonly tone?: 'good' | 'warn' | 'bad' | undefined
}

/** Steps in the order in which they happened. */
export function Timeline({ of }: { of: readonly Step[] }) {
  return (
    <ol className="timeline">
      {of.map((step) => (
        <li key={step.key} className={step.tone}><div className="step-title">{step.title}</div><div className="step-time">{step.time}</div>{step.note !== undefined && <div className="step-note">{step.note}</div>}</li>
      ))}
    </ol>
  )
}

export interface Bar {
  readonly key: string
  readonly name: string
  readonly value: number
  readonly shown: string
  readonly tone?: 'bad' | undefined
  readonly link?: { readonly to: string; readonly search?: Filters } | undefined
}

/** The least number of columns for which a chart has room. */
const SLOTS_MIN = 14

/** Columns of a chart; their values are in the title of each, and as text for those who cannot see them. */
export function Bars({ of, label, tall = false }: { of: readonly Bar[]; label: string; tall?: boolean }) {
  const max = Math.max(1, ...of.map((it) => it.value))
  // A few columns are as slim as many.
  const [width, height] = [Math.max(of.length, SLOTS_MIN) * 10, 100]
  return (
    <figure className={`bars${tall ? ' tall' : ''}`}>
      <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" role="img" aria-label={label}>
        {of.map((it, at) => {
          const size = it.value === 0 ? 1.5 : Math.max(4, (it.value / max) * height)
          return <rect key={it.key} x={at * 10 + 1} y={height - size} width="8" height={size} className={it.tone ?? (it.value === 0 ? 'none' : undefined)}><title>{`${it.name}: ${it.shown}`}</title></rect>
        })}
      </svg>
      <figcaption><span>{of[0]?.name}</span>{of.length >= SLOTS_MIN && <span>{of.at(-1)?.name}</span>}</figcaption>
    </figure>
  )
}
