/** Pages in Chromium that record everything that must not happen: errors, reports of the content policy, refused requests. */
import assert from 'node:assert/strict'
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { AxeBuilder } from '@axe-core/playwright'
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { PACKAGE } from './network.js'

const NAMES = ['/usr/bin/chromium', '/usr/bin/google-chrome']

/** The browser's program; none where there is none. */
export const PROGRAM = process.env['EHB_CHROMIUM'] ?? NAMES.find((it) => existsSync(it))

/** How long something may take to appear on a machine under load. */
export const PATIENCE_MS = 30_000

const screenshots = process.env['EHB_SCREENSHOTS'] ?? fileURLToPath(new URL('screenshots', PACKAGE))

export async function launch(): Promise<Browser> {
  mkdirSync(screenshots, { recursive: true })
  const quiet = ['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync']
  return chromium.launch({ executablePath: PROGRAM!, args: ['--no-sandbox', ...quiet] })
}

const contexts = new Set<BrowserContext>()

/** Closes all windows: each follows the chain as long as it is open. */
export async function closeAll(): Promise<void> {
  for (const context of contexts) await context.close()
  contexts.clear()
}

export interface Watched {
  readonly page: Page
  /** What went wrong so far. */
  readonly wrongs: string[]
}

/** A new window. `expects` are parts of messages that are meant to come. */
export async function open(browser: Browser, options: BrowserContextOptions = {}, expects: readonly string[] = []): Promise<Watched> {
  const context = await browser.newContext({ viewport: { width: 1360, height: 900 }, ...options })
  contexts.add(context)
  const page = await context.newPage()
  page.setDefaultTimeout(PATIENCE_MS)
  const wrongs: string[] = []
  const note = (text: string): void => {
    if (!expects.some((it) => text.includes(it))) wrongs.push(text)
  }
  // Reports of the content policy are console errors in Chromium; the event does not depend on that.
  await page.addInitScript(() => document.addEventListener('securitypolicyviolation', (event) => console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`)))
  page.on('console', (it) => { if (it.type() === 'error') note(it.text()) })
  page.on('pageerror', (it) => note(it.message))
  page.on('response', (it) => { if (it.status() >= 400) note(`${it.status()} ${it.url()}`) })
  return { page, wrongs }
}

/** Waits until a page has its heading and nothing loads any more. */
export async function settled(page: Page): Promise<void> {
  await page.locator('main h1').first().waitFor()
  await page.waitForFunction(() => document.querySelector('main .loading') === null)
}

/** The findings of axe on a page, in words. */
export async function findings(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze()
  return violations.flatMap((it) => it.nodes.map((node) => `${it.id}: ${it.help}: ${node.html.slice(0, 160)}`))
}

export const screenshot = (page: Page, name: string): Promise<unknown> =>
  page.screenshot({ path: join(screenshots, `${name.replace(/[^a-z0-9]+/gi, '-').replace(/^-|-$/g, '').slice(0, 60) || 'home'}.png`) })

export const nothing = (wrongs: readonly string[], where: string): void => assert.deepEqual([...wrongs], [], where)
