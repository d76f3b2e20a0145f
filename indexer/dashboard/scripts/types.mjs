/** Writes src/api/rows.ts, the types of the lists, from the OpenAPI document of a running indexer: EHB_INDEXER_URL names it. */
import { readFileSync, writeFileSync } from 'node:fs'

const file = new URL('../src/api/rows.ts', import.meta.url)
const indexer = process.env.EHB_INDEXER_URL ?? 'http://127.0.0.1:9670'

/** The TypeScript type of a JSON schema of a column. */
function typeOf(schema) {
  const types = [schema.type ?? []].flat()
  const known = { string: 'string', integer: 'number', number: 'number', boolean: 'boolean', null: 'null' }
  // Whole numbers from 2^53 on are texts; heights and positions never are.
  const named = types.includes('integer') ? types.filter((it) => it !== 'string') : types
  if (named.length === 0 || named.some((it) => !(it in known))) return 'Json'
  return named.map((it) => known[it]).join(' | ')
}

/** The document's own order means nothing. */
const byName = ([a], [b]) => (a < b ? -1 : 1)

export function generate(document) {
  const lists = []
  for (const [path, { get }] of Object.entries(document.paths).sort(byName)) {
    const name = /^\/v1\/([a-z0-9-]+)$/.exec(path)?.[1]
    const items = get?.responses?.['200']?.content?.['application/json']?.schema?.properties?.data?.items?.$ref
    if (name === undefined || items === undefined || !get.operationId.startsWith('list-')) continue
    const schema = document.components.schemas[items.split('/').at(-1)]
    const columns = Object.entries(schema.properties).sort(byName).map(([column, it]) => `      ${column}: ${typeOf(it)}`)
    const common = ['cursor', 'limit', 'format', 'order', 'include']
    const filters = get.parameters.map((it) => it.name).filter((it) => !common.includes(it)).sort().map((it) => `'${it}'`)
    lists.push(`  '${name}': {\n    row: {\n${columns.join('\n')}\n    }\n    filter: ${filters.join(' | ') || 'never'}\n  }`)
  }
  return `/** The lists of the HTTP API. Generated from its OpenAPI document by 'npm run types'. */

/** A value that the module's WIT defines. */
export type Json = any

export interface Lists {
${lists.join('\n')}
}
`
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const answer = await fetch(`${indexer}/openapi.json`)
  writeFileSync(file, generate(await answer.json()))
  process.stdout.write(`${readFileSync(file, 'utf8').length} bytes\n`)
}
