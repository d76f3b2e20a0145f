/** One search for anything: opened by `/` or Ctrl-K from every page. */
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useDeferredValue, useEffect, useId, useRef, useState } from 'react'
import { get, getList } from '../api/client'
import { useTexts } from '../texts'
import { Plain, short } from './values'

interface Hit {
  readonly kind: string
  readonly id: string
  readonly title: string | null
}

/** Where a hit is shown. */
function placeOf({ kind, id }: Hit): string {
  switch (kind) {
    case 'block': return `/explorer/blocks/${id}`
    case 'transaction': return `/explorer/transactions/${id}`
    case 'account': return `/wallet/accounts/${id}`
    case 'module': return `/explorer/modules/${id}`
    case 'asset': return '/wallet/assets'
    case 'product': return `/market/products/${id}`
    case 'posting': return `/jobs/postings/${id}`
    case 'order': return `/market/orders/${id}`
    case 'contract': return `/jobs/contracts/${id}`
    case 'store': return `/market/stores/${id}`
    case 'organisation': return `/wallet?organisation=${encodeURIComponent(id)}`
    case 'entry': {
      const [account = '', asset = ''] = id.split('/')
      return `/wallet/accounts/${account}/${encodeURIComponent(asset)}`
    }
    default: return '/'
  }
}

/** What the search of the server finds, and what has this number or SKU as its key. */
async function find(text: string, signal: AbortSignal): Promise<Hit[]> {
  const isNumber = /^[0-9]{1,18}$/.test(text)
  const asked: Promise<Hit[]>[] = [
    get<{ data: Hit[] }>(`/v1/search?q=${encodeURIComponent(text)}`, signal).then((it) => it.data),
    getList('variants', { sku: text, limit: '5' }, signal).then((it) => it.data.map((row) => ({ kind: 'product', id: row.product, title: row.sku }))),
  ]
  if (isNumber) {
    asked.push(getList('sub-orders', { id: text, limit: '1' }, signal).then((it) => it.data.map((row) => ({ kind: 'order', id: row.id, title: null }))))
    asked.push(getList('contracts', { id: text, limit: '1' }, signal).then((it) => it.data.map((row) => ({ kind: 'contract', id: row.id, title: null }))))
  }
  const answers = await Promise.allSettled(asked)
  const first = answers[0]
  if (first?.status === 'rejected') throw first.reason
  const seen = new Set<string>()
  return answers.flatMap((it) => (it.status === 'fulfilled' ? it.value : [])).filter((hit) => {
    const key = `${hit.kind} ${hit.id}`
    return !seen.has(key) && seen.add(key)
  })
}

export function Search() {
  const t = useTexts()
  const dialog = useRef<HTMLDialogElement>(null)
  const [text, setText] = useState('')
  const [chosen, setChosen] = useState(0)
  const wanted = useDeferredValue(text.trim())
  const navigate = useNavigate()
  const list = useId()
  const { data: hits, error, isFetching } = useQuery({
    queryKey: ['search', wanted],
    queryFn: ({ signal }) => find(wanted, signal),
    enabled: wanted !== '',
    staleTime: 5_000,
    retry: false,
  })
  useEffect(() => {
    const open = (event: KeyboardEvent): void => {
      const typing = event.target instanceof HTMLElement && event.target.closest('input, textarea, select, [contenteditable]') !== null
      const isKey = (event.key === 'k' && (event.ctrlKey || event.metaKey)) || (event.key === '/' && !typing)
      if (!isKey || event.defaultPrevented) return
      event.preventDefault()
      dialog.current?.showModal()
    }
    document.addEventListener('keydown', open)
    return () => document.removeEventListener('keydown', open)
  }, [])
  const go = (hit: Hit | undefined): void => {
    if (hit === undefined) return
    dialog.current?.close()
    setText('')
    void navigate({ href: placeOf(hit) })
  }
  const shownHits = wanted === '' ? [] : (hits ?? [])
  const current = Math.min(chosen, Math.max(0, shownHits.length - 1))
  return (
    <>
      <button type="button" className="search-button" onClick={() => dialog.current?.showModal()}>
        <svg viewBox="0 0 16 16" aria-hidden="true"><circle cx="7" cy="7" r="4.5" /><path d="m10.5 10.5 3.5 3.5" /></svg>
        <span>{t.top.search}</span><kbd aria-hidden="true">/</kbd>
      </button>
      <dialog ref={dialog} className="palette" aria-label={t.search.title} onClick={(event) => { if (event.target === dialog.current) dialog.current?.close() }}>
        <div className="palette-inside">
          <input type="search" role="combobox" aria-expanded={shownHits.length > 0} aria-controls={list} aria-autocomplete="list"
            aria-activedescendant={shownHits.length > 0 ? `${list}-${current}` : undefined} aria-label={t.search.short} placeholder={t.search.short}
            value={text} maxLength={200} autoFocus autoComplete="off" spellCheck={false}
            onChange={(event) => { setText(event.target.value); setChosen(0) }}
            onKeyDown={(event) => {
              if (event.key === 'ArrowDown') setChosen(Math.min(current + 1, shownHits.length - 1))
              else if (event.key === 'ArrowUp') setChosen(Math.max(current - 1, 0))
              else if (event.key === 'Enter') go(shownHits[current])
              // The first press would only empty the field.
              else if (event.key === 'Escape') dialog.current?.close()
              else return
              event.preventDefault()
            }} />
          <ul id={list} role="listbox" aria-label={t.search.title}>
            {shownHits.map((hit, at) => (
              <li key={`${hit.kind} ${hit.id}`} id={`${list}-${at}`} role="option" aria-selected={at === current} onPointerMove={() => setChosen(at)} onClick={() => go(hit)}>
                <span className="kind">{t.search.kinds[hit.kind as keyof typeof t.search.kinds] ?? hit.kind}</span>
                <span className="hit"><Plain>{hit.kind === 'block' || hit.kind === 'transaction' || hit.title === null || hit.title === '' ? short(hit.id, 22, 8) : hit.title}</Plain></span>
                <span className="muted ends"><bdi dir="ltr">{hit.title === null ? '' : short(hit.id, 9, 4)}</bdi></span>
              </li>
            ))}
          </ul>
          <div role="status" className="palette-state">
            {wanted !== '' && error !== null ? error.message : wanted !== '' && !isFetching && shownHits.length === 0 ? t.search.none : ''}
          </div>
        </div>
      </dialog>
    </>
  )
}
