/** Starts the dashboard: its pages by area, each area loaded when it is opened. */
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, RouterProvider } from '@tanstack/react-router'
import { createRoot } from 'react-dom/client'
import type { ComponentType } from 'react'
import { follow } from './api/live'
import { Home } from './areas/home'
import { LanguageProvider, useTexts } from './texts'
import { Go } from './ui/link'
import { Loading, Page } from './ui/parts'
import { Shell } from './ui/shell'
import './style/base.css'
import './style/parts.css'
import './style/shell.css'

function NotFound() {
  const t = useTexts()
  return <Page title={t.state.notFound} about={t.state.notFoundHelp}><p><Go to="/">{t.nav.home}</Go></p></Page>
}

const root = createRootRoute({ component: Shell, notFoundComponent: NotFound })

/** The pages of an area, which share a file. */
function area<M extends Record<string, unknown>>(load: () => Promise<M>, pages: { readonly [path: string]: keyof M & string }) {
  return Object.entries(pages).map(([path, name]) =>
    createRoute({ getParentRoute: () => root, path, component: lazyRouteComponent(load as () => Promise<Record<string, ComponentType>>, name) }))
}

const routes = root.addChildren([
  createRoute({ getParentRoute: () => root, path: '/', component: Home }),
  ...area(() => import('./areas/explorer'), {
    '/explorer': 'Transactions', '/explorer/transactions/$id': 'Transaction', '/explorer/blocks': 'Blocks', '/explorer/blocks/$id': 'Block',
    '/explorer/events': 'Events', '/explorer/modules': 'Modules', '/explorer/modules/$name': 'Module',
  }),
  ...area(() => import('./areas/market'), {
    '/market': 'Orders', '/market/orders/$id': 'Order', '/market/products': 'Products', '/market/products/$id': 'Product',
    '/market/stores': 'Stores', '/market/stores/$id': 'Store', '/market/disputes': 'Disputes',
  }),
  ...area(() => import('./areas/jobs'), {
    '/jobs': 'Postings', '/jobs/postings/$id': 'Posting', '/jobs/contracts': 'Contracts', '/jobs/contracts/$id': 'Contract',
  }),
  ...area(() => import('./areas/wallet'), {
    '/wallet': 'Accounts', '/wallet/accounts/$address': 'Account', '/wallet/accounts/$address/$asset': 'Statement',
    '/wallet/holds': 'Holds', '/wallet/requests': 'Requests', '/wallet/assets': 'Assets',
  }),
  ...area(() => import('./areas/credit'), {
    '/credit': 'Programmes', '/credit/programmes/$id': 'Programme', '/credit/usage': 'Usage', '/credit/lines': 'Lines', '/credit/grants': 'Grants', '/credit/overdue': 'Overdue',
  }),
  ...area(() => import('./areas/network'), {
    '/network': 'Validators', '/network/proposals': 'Proposals', '/network/roles': 'Roles', '/network/upgrades': 'Upgrades', '/network/audit': 'Audit', '/network/parameters': 'Parameters',
  }),
  ...area(() => import('./areas/developers'), { '/developers': 'Endpoints', '/developers/api': 'Api', '/developers/console': 'Console', '/developers/webhooks': 'Webhooks' }),
])

const client = new QueryClient({
  // The live stream says when something is out of date.
  defaultOptions: { queries: { staleTime: 10_000, refetchOnWindowFocus: false } },
})

const router = createRouter({
  routeTree: routes,
  defaultPendingComponent: () => <Loading rows={6} />,
  defaultPreload: 'intent',
  scrollRestoration: true,
  // Values in the address are texts, as the API takes them.
  parseSearch: (text) => Object.fromEntries(new URLSearchParams(text)),
  stringifySearch: (search) => {
    const text = new URLSearchParams(Object.entries(search as Record<string, string>).filter(([, it]) => it !== undefined)).toString()
    return text === '' ? '' : `?${text}`
  },
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}

follow(client)

const element = document.getElementById('root')
if (element !== null) {
  createRoot(element).render(
    <QueryClientProvider client={client}>
      <LanguageProvider><RouterProvider router={router} /></LanguageProvider>
    </QueryClientProvider>,
  )
}
