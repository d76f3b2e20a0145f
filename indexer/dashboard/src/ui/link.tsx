/** Links, and what the address of the page holds besides its path. */
import { Link, useNavigate, useRouterState } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { Filters } from '../api/client'

interface GoProps {
  readonly to: string
  readonly search?: Filters
  readonly className?: string
  readonly title?: string
  readonly label?: string
  readonly children: ReactNode
}

/** A link to a page of the dashboard. */
export function Go({ to, search, className, title, label, children }: GoProps) {
  return (
    <Link to={to as never} search={(search ?? {}) as never} className={className} title={title} aria-label={label} activeOptions={{ exact: false }}>
      {children}
    </Link>
  )
}

/** The filters in the address of the page, so that a link to it holds them, and a function that changes them. */
export function useFilters(): [Filters, (change: Filters) => void] {
  const search = useRouterState({ select: (it) => it.location.search as Filters })
  const navigate = useNavigate()
  const change = (changes: Filters): void => {
    const next = Object.fromEntries(Object.entries({ ...search, ...changes }).filter(([, value]) => value !== undefined && value !== ''))
    void navigate({ to: '.', search: next as never, replace: true, resetScroll: false })
  }
  return [search, change]
}

/** The filters that a list has, out of those in the address. Those of other pages are left out. */
export const only = (filters: Filters, ...names: string[]): Filters =>
  Object.fromEntries(names.filter((name) => filters[name] !== undefined).map((name) => [name, filters[name]]))
