/** How large the dashboard is when it travels. */
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { test } from 'node:test'
import { PACKAGE } from './network.js'

/** The budgets, bytes compressed: the first view, and each further file. */
const FIRST_MAX = 200_000
const AREA_MAX = 60_000

export function size(): void {
  test('the first view and each area are within their budgets', (t) => {
    const page = readFileSync(new URL('dist/index.html', PACKAGE), 'utf8')
    const sent = (path: string): number => {
      const file = new URL(`dist${path}`, PACKAGE)
      const compressed = new URL(`${file.href}.br`)
      return statSync(existsSync(compressed) ? compressed : file).size
    }
    const first = [...page.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map((it) => it[1]!)
    assert.ok(first.length > 1, page)
    const total = first.reduce((sum, it) => sum + sent(it), page.length)
    t.diagnostic(`first view ${total} bytes in ${first.length + 1} files`)
    assert.ok(total < FIRST_MAX, `the first view has ${total} bytes`)
    const rest = readdirSync(new URL('dist/assets', PACKAGE)).filter((it) => it.endsWith('.js') && !first.includes(`/assets/${it}`))
    assert.ok(rest.length >= 7, rest.join())
    for (const name of rest) assert.ok(sent(`/assets/${name}`) < AREA_MAX, `${name} has ${sent(`/assets/${name}`)} bytes`)
  })

  test('the pages name no other server', () => {
    const files = readdirSync(new URL('dist/assets', PACKAGE)).filter((it) => it.endsWith('.js') || it.endsWith('.css'))
    // Words of messages, examples and names of XML; the content policy would refuse a request anyway.
    const known = ['http://www.w3.org/', 'https://react.dev/', 'http://localhost', 'https://shop.example', 'http://127.0.0.1', 'http://host', 'https://host']
    for (const name of files) {
      const text = readFileSync(new URL(`dist/assets/${name}`, PACKAGE), 'utf8')
      const named = [...text.matchAll(/https?:\/\/[a-z0-9.-]+[a-z0-9/]/g)].map((it) => it[0]).filter((it) => !known.some((of) => it.startsWith(of)))
      assert.deepEqual(named, [], name)
    }
  })
}
