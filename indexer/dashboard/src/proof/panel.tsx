/** Shows a check step by step, and asks for the genesis hash that the reader trusts. */
import { useState } from 'react'
import { fill, remember, remembered, useTexts } from '../texts'
import { Section, Timeline } from '../ui/parts'
import { short } from '../ui/values'
import { checkBalance, checkTransaction, claimedGenesis, DifferentError, type ShownTransaction, type Step } from './check'

const PINNED = 'ehb-genesis'

export type Subject = { readonly kind: 'transaction'; readonly transaction: ShownTransaction } | { readonly kind: 'balance'; readonly account: string; readonly asset: string }

type State = { readonly at: 'rest' } | { readonly at: 'work' } | { readonly at: 'good' } | { readonly at: 'bad'; readonly reason: string; readonly different: boolean }

export default function Panel({ of }: { of: Subject }) {
  const t = useTexts()
  const [pinned, setPinned] = useState(() => remembered(PINNED) ?? '')
  const [steps, setSteps] = useState<readonly Step[]>([])
  const [state, setState] = useState<State>({ at: 'rest' })
  const isHash = /^[0-9a-f]{64}$/.test(pinned)
  const check = async (): Promise<void> => {
    setSteps([])
    setState({ at: 'work' })
    remember(PINNED, pinned)
    const say = (step: Step): void => setSteps((before) => [...before, step])
    try {
      if (of.kind === 'transaction') await checkTransaction(of.transaction, pinned, say)
      else await checkBalance(of.account, of.asset, pinned, say)
      setState({ at: 'good' })
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      setState({ at: 'bad', reason, different: error instanceof DifferentError || (error as { kind?: string }).kind === 'proof' })
    }
  }
  const ask = (): void => {
    claimedGenesis().then(setPinned, (error: Error) => setState({ at: 'bad', reason: error.message, different: false }))
  }
  return (
    <Section title={of.kind === 'balance' ? `${t.proof.title} · ${of.asset}` : t.proof.title}>
      <p className="muted">{t.proof.about}</p>
      <div className="toolbar proof-bar">
        <label className="field wide-field"><span>{t.proof.genesis}</span>
          <input value={pinned} onChange={(event) => setPinned(event.target.value.trim().toLowerCase())} spellCheck={false} autoComplete="off" maxLength={64} placeholder={t.proof.genesisHint} dir="ltr" />
        </label>
        <button type="button" onClick={ask}>{t.proof.ask}</button>
        <button type="button" className="primary" disabled={!isHash || state.at === 'work'} onClick={() => void check()}>{t.proof.verify}</button>
      </div>
      {steps.length > 0 && <Timeline of={steps.map((step) => ({
        key: step.name, tone: 'good' as const, title: t.proof.steps[step.name],
        time: fill(t.proof.values[step.name], Object.fromEntries(Object.entries(step.values).map(([name, value]) => [name, typeof value === 'string' && value.length === 64 ? short(value, 10, 6) : value]))),
      }))} />}
      <div role="status">
        {state.at === 'work' && <p className="muted">{t.proof.works}</p>}
        {state.at === 'good' && <p className="verdict good">{t.proof.good}</p>}
        {state.at === 'bad' && <p className="verdict bad">{fill(state.different ? t.proof.bad : t.proof.failed, { reason: state.reason })}</p>}
      </div>
    </Section>
  )
}
