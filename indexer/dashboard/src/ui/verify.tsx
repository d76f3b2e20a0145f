/** The proof of what a page shows, whose code is loaded when it is asked for. */
import { lazy, Suspense } from 'react'
import type { Subject } from '../proof/panel'
import { Loading } from './parts'

const Panel = lazy(() => import('../proof/panel'))

export function Verify({ of }: { of: Subject }) {
  return <Suspense fallback={<Loading rows={2} />}><Panel of={of} /></Suspense>
}
