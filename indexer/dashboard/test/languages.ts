/** Each language has the same texts with the same places for values, and is drawn with its own font. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { Browser } from 'playwright-core'
import { createServer } from 'vite'
import { findings, nothing, open, screenshot, settled } from './browser.js'
import { type Network, PACKAGE } from './network.js'

type Tree = { [name: string]: string | Tree }

/** The places for values in a text, whatever their order. */
const places = (text: string): string[] => (text.match(/\{[^}]*\}/g) ?? []).sort()

function compare(a: Tree, b: Tree, path: string): void {
  // Words of states are only there where the state itself does not do.
  if (path === '.states') return
  assert.deepEqual(Object.keys(b).sort(), Object.keys(a).sort(), path)
  for (const [name, value] of Object.entries(a)) {
    const other = b[name]!
    if (typeof value === 'string') {
      assert.equal(typeof other, 'string', `${path}.${name}`)
      assert.notEqual(other, '', `${path}.${name}`)
      if (`${path}.${name}` !== '.state.baseUnits') assert.deepEqual(places(other as string), places(value), `${path}.${name}`)
    } else compare(value, other as Tree, `${path}.${name}`)
  }
}

export function texts(): void {
  test('all languages have all texts', async () => {
    const server = await createServer({ root: fileURLToPath(PACKAGE), logLevel: 'silent', server: { middlewareMode: true } })
    try {
      const { en } = await server.ssrLoadModule('/src/texts/en.ts')
      const { ur } = await server.ssrLoadModule('/src/texts/ur.ts')
      compare(en, ur, '')
    } finally {
      await server.close()
    }
  })
}

export function languages(network: () => Network, browser: () => Browser): void {
  test('Urdu is written from the right, with its font', async (t) => {
    const { page, wrongs } = await open(browser())
    await page.goto(network().url)
    await settled(page)
    await page.getByLabel('Language').first().selectOption('ur')
    await page.getByRole('heading', { name: 'صفحہ اول' }).waitFor()
    assert.equal(await page.evaluate(() => document.documentElement.dir), 'rtl')
    for (const path of ['/', '/explorer', '/market', `/wallet/accounts/${network().people['bob']}`, '/network']) {
      await page.goto(network().url + path)
      await page.waitForFunction(() => document.documentElement.dir === 'rtl')
      await settled(page)
      assert.deepEqual(await findings(page), [], path)
      const excess = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
      assert.equal(excess, 0, `${path} is wider than the window`)
      await screenshot(page, `urdu ${path}`)
    }
    const side = await page.locator('.side').boundingBox()
    assert.ok(side !== null && side.x > 600, 'the areas are on the right')
    // Boxes for letters without a font all have one width.
    const widths = await page.evaluate(() => {
      const pen = document.createElement('canvas').getContext('2d')!
      pen.font = getComputedStyle(document.body).font
      return ['ا', 'ب', 'س', 'ے'].map((letter) => Math.round(pen.measureText(letter).width * 10))
    })
    if (new Set(widths).size === 1) t.diagnostic('no font has Urdu letters here: install fonts-noto-core')
    assert.ok(new Set(widths).size > 1, `letters are boxes: ${widths.join()}`)
    nothing(wrongs, 'Urdu')
  })
}
