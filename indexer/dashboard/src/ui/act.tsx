/** Buttons for what can be done with what a page shows; the code that signs is loaded when one is used. */
import { lazy, Suspense, useState } from 'react'
import type { Action } from '../act/panel'
import { useTexts } from '../texts'

const Panel = lazy(() => import('../act/panel'))

export type { Action }

export function Actions({ of }: { of: readonly Action[] }) {
  const t = useTexts()
  const [current, setCurrent] = useState<Action>()
  if (of.length === 0) return null
  return (
    <div className="steps" role="group" aria-label={t.act.title}>
      {of.map((it) => <button key={it.function} type="button" onClick={() => setCurrent(it)}>{it.label}</button>)}
      {current !== undefined && <Suspense><Panel of={current} close={() => setCurrent(undefined)} /></Suspense>}
    </div>
  )
}
