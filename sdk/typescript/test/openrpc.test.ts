/** The node's OpenRPC document: valid by its meta-schema, and every example is of the types that the document states. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { Ajv, type ValidateFunction } from 'ajv'
import { PACKAGE } from './vectors.js'

// Their types do not have what they export.
const require = createRequire(import.meta.url)
const { openrpcDocument } = require('@open-rpc/meta-schema')
const { jsonSchema } = require('@json-schema-tools/meta-schema')

interface Content {
  name: string
  required?: boolean
  schema: object
  'x-message'?: object
}

interface Pair {
  name: string
  params: { name: string; value: unknown }[]
  result: { value: unknown }
}

interface Method {
  name: string
  params: Content[]
  result: Content
  examples: Pair[]
}

const document: { methods: Method[]; components: object } = JSON.parse(
  readFileSync(new URL('../../rpc/api/src/openrpc.json', PACKAGE), 'utf8'),
)

/** A validator of one schema of the document. */
function validator(schema: object): ValidateFunction {
  return new Ajv({ strict: false, allErrors: true }).compile({ ...schema, components: document.components })
}

function check(validate: ValidateFunction, value: unknown, what: string): void {
  assert.ok(validate(value), `${what}: ${JSON.stringify(validate.errors)}`)
}

test('the document is valid by the OpenRPC meta-schema', () => {
  const ajv = new Ajv({ strict: false, allErrors: true, validateSchema: false, validateFormats: false })
  // Both are drafts of JSON Schema 7 under ids of their own.
  const plain = (schema: object): object => ({ ...schema, $schema: undefined })
  ajv.addSchema(plain(jsonSchema), 'https://meta.json-schema.tools')
  check(ajv.compile(plain(openrpcDocument)), document, 'document')
})

test('every example has parameters and a result of the described types', () => {
  let checked = 0
  for (const method of document.methods) {
    const result = validator(method.result.schema)
    for (const { name, params, result: { value } } of method.examples) {
      check(result, value, `${method.name}, ${name}`)
      for (const parameter of params) {
        const described = method.params.find((it) => it.name === parameter.name)
        assert.ok(described, `${method.name} has no parameter ${parameter.name}`)
        check(validator(described.schema), parameter.value, `${method.name}, ${parameter.name}`)
      }
      for (const required of method.params.filter((it) => it.required)) {
        assert.ok(params.some((it) => it.name === required.name), `${method.name} needs ${required.name}`)
      }
      checked += 1
    }
  }
  assert.ok(checked >= 25, `${checked} examples`)
})

test('a result of another type is refused', () => {
  const status = document.methods.find((it) => it.name === 'chain_status')
  const example = status?.examples[0]?.result.value as Record<string, unknown>
  assert.ok(status)
  const validate = validator(status.result.schema)
  for (const [key, wrong] of Object.entries({ height: '1', genesisHash: 'xy', validators: {}, ready: null })) {
    assert.ok(!validate({ ...example, [key]: wrong }), key)
  }
})
