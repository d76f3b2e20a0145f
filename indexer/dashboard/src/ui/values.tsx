/** Single values as people read them: amounts, accounts, times, states, hashes, and text of unknown origin. */
import { type ReactNode, useEffect, useState } from 'react'
import { useAssets, useProgrammes, useStores } from '../api/assets'
import { useName } from '../api/names'
import { fill, useLocale, useTexts } from '../texts'
import { Go } from './link'

/** What attacks the eye: controls, marks that change the direction, and characters without a width. */
const HIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\u{e0000}-\u{e007f}]/gu

/** A text that somebody wrote: isolated, and with what cannot be seen made visible. */
export function Plain({ children }: { children: string | null | undefined }) {
  if (children === null || children === undefined || children === '') return null
  const parts = children.split(new RegExp(`(${HIDDEN.source})`, 'u'))
  if (parts.length === 1) return <bdi>{children}</bdi>
  const shown = children.replace(HIDDEN, (it) => `⟨U+${it.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0')}⟩`)
  return <bdi className="hidden-marks">{shown}</bdi>
}

/** The text of a whole number of base units, exact at any size. */
export function amountText(locale: string, value: string, decimals: number): string {
  const negative = value.startsWith('-')
  const digits = (negative ? value.slice(1) : value).padStart(decimals + 1, '0')
  const split = digits.length - decimals
  const whole = new Intl.NumberFormat(locale).format(BigInt(digits.slice(0, split)))
  return `${negative ? '−' : ''}${whole}${decimals > 0 ? `.${digits.slice(split)}` : ''}`
}

const isWhole = (value: unknown): value is string => typeof value === 'string' && /^-?[0-9]+$/.test(value)

/** An amount in the format of its asset. `signed` shows a plus. */
export function Amount({ value, asset, signed = false }: { value: string | number | null | undefined; asset: string | null | undefined; signed?: boolean }) {
  const t = useTexts()
  const assets = useAssets()
  const locale = useLocale()
  const text = typeof value === 'number' ? String(value) : value
  if (!isWhole(text) || asset === null || asset === undefined) return <span className="muted">–</span>
  if (assets === undefined) return <span className="amount muted">…</span>
  const known = assets.get(asset)
  // Base units are never shown as if they were main units.
  if (known === undefined) return <span className="amount"><bdi dir="ltr">{fill(t.state.baseUnits, { n: text })} <Plain>{asset}</Plain></bdi></span>
  const shown = amountText(locale, text, known.decimals)
  const sign = signed && !text.startsWith('-') && text !== '0' ? '+' : ''
  const tone = signed ? (text.startsWith('-') ? ' minus' : text === '0' ? '' : ' plus') : ''
  return <span className={`amount${tone}`}><bdi dir="ltr">{sign}{shown} <span className="unit">{asset}</span></bdi></span>
}

/** A whole number with separators. */
export function Count({ value }: { value: string | number | null | undefined }) {
  const locale = useLocale()
  const text = typeof value === 'number' ? String(value) : value
  if (!isWhole(text)) return <span className="muted">–</span>
  return <span className="amount">{new Intl.NumberFormat(locale).format(BigInt(text))}</span>
}

/** Basis points as percent. */
export const percent = (points: string | number | null | undefined): string => `${Number(points ?? 0) / 100} %`

/** The beginning and end of an address or hash. */
export const short = (text: string, head = 10, tail = 4): string =>
  text.length <= head + tail + 1 ? text : `${text.slice(0, head)}…${text.slice(-tail)}`

/** The addresses that were shown under a short form: two of them look alike. */
const shown = new Map<string, Set<string>>()
const SHOWN_MAX = 5_000

function looksLikeAnother(address: string): boolean {
  const key = short(address, 9, 4)
  const known = shown.get(key) ?? new Set()
  known.add(address)
  if (shown.size > SHOWN_MAX) shown.clear()
  shown.set(key, known)
  return known.size > 1
}

/** An account by the name that the chain has for it, with the ends of its address. */
export function Account({ address, plain = false }: { address: string | null | undefined; plain?: boolean }) {
  const t = useTexts()
  const name = useName(address ?? '')
  if (address === null || address === undefined || address === '') return <span className="muted">–</span>
  const label = name?.label ?? name?.organisation
  const ends = short(address, 9, 4)
  const alike = looksLikeAnother(address)
  const shape = (
    <>
      {name?.kind === 'module' ? <span className="who">{label}</span> : <>{label && <span className="who"><Plain>{label}</Plain></span>}<bdi dir="ltr" className="ends"><span className="head">{ends.slice(0, -5)}</span>{ends.slice(-5)}</bdi></>}
      {alike && <span className="alike" role="img" aria-label={t.state.lookAlike} title={t.state.lookAlike}>≈</span>}
    </>
  )
  if (plain) return <span className="account" title={address}>{shape}</span>
  return <Go to={`/wallet/accounts/${address}`} className="account" title={address}>{shape}</Go>
}

/** Times from here on mean that something has no end. */
const NEVER_MS = 32_503_680_000_000

const toDate = (at: string | number | null | undefined): Date | null => {
  if (at === null || at === undefined || at === '') return null
  const ms = typeof at === 'number' ? at : /^[0-9]+$/.test(at) ? Number(at) : Date.parse(at)
  return Number.isFinite(ms) && ms < NEVER_MS ? new Date(ms) : null
}

/** A moment: the time of today, else the date too. */
export function Time({ at, full = false }: { at: string | number | null | undefined; full?: boolean }) {
  const locale = useLocale()
  const date = toDate(at)
  if (date === null) return <span className="muted">–</span>
  const isToday = date.toDateString() === new Date().toDateString()
  const text = isToday && !full
    ? date.toLocaleTimeString(locale, { hour: '2-digit', minute: '2-digit', second: '2-digit' })
    : date.toLocaleString(locale, { day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', ...(full && { second: '2-digit' }) })
  return <time dateTime={date.toISOString()} title={`${date.toLocaleString(locale)} (${date.toISOString()})`}>{text}</time>
}

/** A moment until which something is due; late ones are marked. */
export function Deadline({ at }: { at: string | null | undefined }) {
  const date = toDate(at)
  return <span className={date !== null && date.getTime() < Date.now() ? 'late' : undefined}><Time at={at} /></span>
}

/** A duration in its two largest units at most. */
export function useAge(): (ms: number) => string {
  const { units } = useTexts()
  return (ms) => {
    const s = Math.max(0, ms) / 1000
    if (s < 10) return `${s.toFixed(1)} ${units.s}`
    if (s < 90) return `${Math.round(s)} ${units.s}`
    if (s < 5_400) return `${Math.round(s / 60)} ${units.min}`
    return s < 172_800 ? `${Math.round(s / 3_600)} ${units.h}` : `${Math.round(s / 86_400)} ${units.d}`
  }
}

const GOOD = new Set(['completed', 'paid', 'succeeded', 'active', 'listed', 'filled', 'hired', 'executed', 'captured', 'approved', 'published', 'delivered', 'valid', 'final', 'recovered'])
const WARN = new Set(['disputed', 'late', 'overdue', 'delinquent', 'suspended', 'frozen', 'return-requested', 'return-approved', 'return-shipped', 'revising', 'evidence', 'settlement', 'arbitration', 'arbitration-requested', 'ruled', 'appealed', 'terminating', 'closing', 'partially-paid', 'paused', 'voting'])
const INFO = new Set(['open', 'placed', 'funded', 'authorised', 'submitted', 'shortlisted', 'deciding', 'shipped', 'accepted', 'made'])
const BAD = new Set(['failed', 'declined', 'expired', 'cancelled', 'rejected', 'undelivered', 'hold-expired', 'written-off', 'timed-out', 'revoked', 'removed', 'terminated', 'voided', 'return-declined', 'closed'])

/** The words of a state. */
export function useStateWords(): (state: string) => string {
  const t = useTexts()
  return (state) => t.states[state] ?? state.replaceAll('-', ' ')
}

/** The name of a case of a variant, which is a text or an object with it as the only key. */
export const caseOf = (value: unknown): string =>
  typeof value === 'string' ? value : typeof value === 'object' && value !== null ? (Object.keys(value)[0] ?? '') : ''

export function State({ of }: { of: string | null | undefined }) {
  const words = useStateWords()
  if (of === null || of === undefined || of === '') return <span className="muted">–</span>
  const tone = GOOD.has(of) ? 'good' : WARN.has(of) ? 'warn' : BAD.has(of) ? 'bad' : INFO.has(of) ? 'info' : 'plain'
  return <span className={`badge ${tone}`}>{words(of)}</span>
}

/** A button that copies a text. */
export function Copy({ text }: { text: string }) {
  const t = useTexts()
  const [copied, setCopied] = useState(false)
  useEffect(() => {
    if (!copied) return
    const timer = setTimeout(() => setCopied(false), 1_500)
    return () => clearTimeout(timer)
  }, [copied])
  return (
    <button type="button" className="copy" onClick={() => void navigator.clipboard?.writeText(text).then(() => setCopied(true))} aria-label={copied ? t.state.copied : t.state.copy} title={copied ? t.state.copied : t.state.copy}>
      <svg viewBox="0 0 16 16" aria-hidden="true">{copied ? <path d="M3 8.5l3.2 3.2L13 5" /> : <path d="M6 6h7v7H6zM3 10V3h7" />}</svg>
    </button>
  )
}

/** A hash or another long code: its ends, or the whole of it with a button that copies it. */
export function Hash({ text, whole = false }: { text: string | null | undefined; whole?: boolean }) {
  if (text === null || text === undefined || text === '') return <span className="muted">–</span>
  return whole ? <span className="hash"><bdi dir="ltr">{text}</bdi><Copy text={text} /></span> : <bdi dir="ltr" className="hash" title={text}>{short(text, 8, 6)}</bdi>
}

/** Links to what has a number. */
export const OrderLink = ({ id }: { id: string }) => <Go to={`/market/orders/${id}`}>{id}</Go>
export const PostingLink = ({ id, name }: { id: string; name?: string | undefined }) => <Go to={`/jobs/postings/${id}`}>{name === undefined ? id : <Plain>{name}</Plain>}</Go>
export const ContractLink = ({ id }: { id: string }) => <Go to={`/jobs/contracts/${id}`}>{id}</Go>
export const ProductLink = ({ id, name }: { id: string; name?: string | undefined }) => <Go to={`/market/products/${id}`}>{name === undefined ? id : <Plain>{name}</Plain>}</Go>
export const HeightLink = ({ height }: { height: number }) => <Go to={`/explorer/blocks/${height}`} className="amount">{height}</Go>

export function StoreLink({ id, name }: { id: string; name?: string | undefined }) {
  const stores = useStores()
  return <Go to={`/market/stores/${id}`}><Plain>{name ?? stores.get(id)?.name ?? id}</Plain></Go>
}

export function ProgrammeLink({ id, name }: { id: string; name?: string | undefined }) {
  const programmes = useProgrammes()
  return <Go to={`/credit/programmes/${id}`}><Plain>{name ?? programmes.get(id)?.name ?? id}</Plain></Go>
}

/** A value as JSON, folded where it is long. */
export function JsonValue({ value }: { value: unknown }): ReactNode {
  return <pre className="json" tabIndex={0}>{JSON.stringify(value, null, 2)}</pre>
}
