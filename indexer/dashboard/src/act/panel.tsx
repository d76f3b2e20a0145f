/** An action: what it would do in sentences, by the simulation of a node, before it is signed. */
import { buildTransaction, type Client, connect, encodeCall, execute, forgetSequence, getAccount, simulate } from '@ehb/sdk'
import { useEffect, useRef, useState } from 'react'
import { nodesOf } from '../proof/check'
import { fill, useTexts } from '../texts'
import { caseOf, Copy, short } from '../ui/values'
import { EventSentence } from '../ui/sentence'
import { addressOf, allKeys, createKey, importKey, removeKey, signerOf, type Stored } from './keys'

/** A call that a page offers. A parameter `key` is filled in: it makes the call act once, however often it is sent. */
export interface Action {
  readonly label: string
  readonly module: string
  readonly function: string
  readonly arguments: { readonly [name: string]: string | bigint }
  readonly once?: boolean
}

interface Preview {
  readonly gas: string
  readonly events: readonly { module: string; name: string; value: unknown }[]
  readonly problem: string | null
}

type Stage = { readonly at: 'choose' } | { readonly at: 'work'; readonly what: string } | { readonly at: 'preview'; readonly preview: Preview } | { readonly at: 'done'; readonly good: boolean; readonly text: string }

const words = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** The command line that does the same, with the name of a key in place of the account. */
const command = ({ module, function: name, arguments: given }: Action): string =>
  `ehb call ${module} ${name} ${Object.entries(given).map(([key, value]) => `${key}='${String(value).replaceAll("'", "'\\''")}'`).join(' ')} --from NAME`

export default function Panel({ of, close }: { of: Action; close: () => void }) {
  const t = useTexts()
  const dialog = useRef<HTMLDialogElement>(null)
  const [client, setClient] = useState<Client>()
  const [keys, setKeys] = useState<readonly Stored[]>([])
  const [chosen, setChosen] = useState<string>()
  const [stage, setStage] = useState<Stage>({ at: 'choose' })
  const [problem, setProblem] = useState('')
  // The same key for all attempts of this dialog.
  const [once] = useState(() => crypto.randomUUID())
  const given = of.once === true ? { ...of.arguments, key: once } : of.arguments
  useEffect(() => {
    dialog.current?.showModal()
    allKeys().then((all) => { setKeys(all); setChosen(all[0]?.publicKey) }, (error) => setProblem(words(error)))
    nodesOf().then(connect).then(setClient, (error) => setProblem(words(error)))
  }, [])
  const stored = keys.find((it) => it.publicKey === chosen)
  const add = (making: Promise<Stored>): void => {
    setProblem('')
    making.then((it) => { setKeys((before) => [...before.filter((other) => other.publicKey !== it.publicKey), it]); setChosen(it.publicKey) }, (error) => setProblem(words(error)))
  }
  const preview = async (): Promise<void> => {
    if (client === undefined || stored === undefined) return
    setProblem('')
    setStage({ at: 'work', what: t.act.trying })
    try {
      const account = await getAccount(client, addressOf(client.chain.network, stored))
      if (account === null) throw new Error(fill(t.act.unregistered, { address: addressOf(client.chain.network, stored) }))
      const calls = [await encodeCall(client, of.module, of.function, given)]
      const signer = signerOf(stored)
      const receipt = await simulate(client, await buildTransaction(client, signer.address, { calls, gasLimit: GAS_TO_TRY }))
      // What was only tried has taken no sequence.
      forgetSequence(client, signer.address, 0)
      const failure = receipt.outcome.status === 'failure' ? `${receipt.outcome.message}${receipt.outcome.error == null ? '' : ` ${JSON.stringify(receipt.outcome.error.value)}`}` : null
      const events = receipt.events.map((it) => {
        const name = caseOf(it.value)
        return { module: it.module, name, value: typeof it.value === 'object' && it.value !== null ? (it.value as Record<string, unknown>)[name] : null }
      })
      setStage({ at: 'preview', preview: { gas: receipt.gasUsed.toString(), events, problem: failure } })
    } catch (error) {
      setStage({ at: 'choose' })
      setProblem(words(error))
    }
  }
  const sign = async (): Promise<void> => {
    if (client === undefined || stored === undefined) return
    setStage({ at: 'work', what: t.act.sending })
    try {
      const calls = [await encodeCall(client, of.module, of.function, given)]
      const { outcome, id } = await execute(client, signerOf(stored), { calls, ...(of.once === true && { idempotencyKey: once }) })
      const detail = outcome.status === 'failed' ? ` ${JSON.stringify((outcome as { error?: unknown }).error ?? '')}` : ''
      setStage({ at: 'done', good: outcome.status === 'final', text: outcome.status === 'final' ? fill(t.act.final, { id: short(id, 12, 6) }) : `${fill(t.act.ended, { status: outcome.status })}${detail}` })
    } catch (error) {
      setStage({ at: 'done', good: false, text: words(error) })
    }
  }
  return (
    <dialog ref={dialog} className="act" aria-labelledby="act-title" onClose={close}>
      <div className="act-inside">
        <h2 id="act-title">{of.label}</h2>
        {stage.at === 'choose' && (
          <>
            <p className="muted">{t.act.about}</p>
            {keys.length > 0 && (
              <label className="field"><span>{t.act.key}</span>
                <select value={chosen} onChange={(event) => setChosen(event.target.value)}>{keys.map((it) => <option key={it.publicKey} value={it.publicKey}>{client === undefined ? short(it.publicKey) : short(addressOf(client.chain.network, it), 16, 6)}</option>)}</select>
              </label>
            )}
            <form className="field" onSubmit={(event) => {
              event.preventDefault()
              const form = event.currentTarget
              add(importKey(String(new FormData(form).get('words') ?? '')).finally(() => form.reset()))
            }}>
              <label><span>{t.act.words}</span><input name="words" type="password" autoComplete="off" spellCheck={false} required /></label>
              <div className="steps"><button type="submit">{t.act.import}</button><button type="button" onClick={() => add(createKey())}>{t.act.create}</button>
                {stored !== undefined && <button type="button" onClick={() => void removeKey(stored.publicKey).then(() => { setKeys((before) => before.filter((it) => it !== stored)); setChosen(undefined) })}>{t.act.forget}</button>}
              </div>
            </form>
            <h3>{t.act.command}</h3>
            <div className="sample"><pre className="json" tabIndex={0}>{command(of)}</pre><Copy text={command(of)} /></div>
          </>
        )}
        {stage.at === 'preview' && (
          <>
            {stage.preview.problem === null ? <p className="muted">{fill(t.act.would, { gas: stage.preview.gas })}</p> : <p className="failure-note" role="alert">{fill(t.act.fails, { reason: stage.preview.problem })}</p>}
            <ul className="attention">{stage.preview.events.map((it, at) => <li key={at}><EventSentence event={it} /></li>)}</ul>
          </>
        )}
        <div role="status">
          {problem !== '' && <p className="verdict bad">{problem}</p>}
          {stage.at === 'work' && <p className="muted">{stage.what}</p>}
          {stage.at === 'done' && <p className={`verdict ${stage.good ? 'good' : 'bad'}`}>{stage.text}</p>}
        </div>
        <div className="steps act-foot">
          {stage.at === 'choose' && <button type="button" className="primary" disabled={stored === undefined || client === undefined} onClick={() => void preview()}>{t.act.preview}</button>}
          {stage.at === 'preview' && <button type="button" className="primary" disabled={stage.preview.problem !== null} onClick={() => void sign()}>{t.act.sign}</button>}
          <button type="button" onClick={() => dialog.current?.close()}>{t.nav.close}</button>
        </div>
      </div>
    </dialog>
  )
}

/** The gas with which a transaction is tried; the limit of the one that is sent follows from what it used. */
const GAS_TO_TRY = 5_000_000n
