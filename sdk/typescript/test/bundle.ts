import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { PACKAGE } from './vectors.js'

/** A bundle for browsers of what this code imports: one that needs Node does not build. */
export async function bundle(contents: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: fileURLToPath(PACKAGE) },
    bundle: true, minify: true, format: 'esm', platform: 'browser', write: false, logLevel: 'silent',
  })
  return outputFiles[0]!.text
}
