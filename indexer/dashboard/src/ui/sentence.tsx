/** What an event or a transaction did, in a sentence with links. */
import type { ReactNode } from 'react'
import { useRow } from '../api/lists'
import { fill, Filled, useTexts } from '../texts'
import { accompanying } from '../texts/sentences.en'
import { Go } from './link'
import {
  Account, Amount, caseOf, ContractLink, Count, OrderLink, Plain, PostingLink, ProductLink, ProgrammeLink, State, StoreLink, useStateWords,
} from './values'

export interface EventLike {
  readonly module: string
  readonly name: string
  readonly value: unknown
}

export interface CallLike {
  readonly module: string
  readonly function: string
}

/** The value at a path such as `order.total`; the empty path is the value itself. */
function at(value: unknown, path: string): unknown {
  if (path === '') return value
  return path.split('.').reduce<unknown>((it, name) => (typeof it === 'object' && it !== null ? (it as Record<string, unknown>)[name] : undefined), value)
}

const text = (value: unknown): string => (typeof value === 'string' ? value : value === undefined || value === null ? '' : String(value))

/** An amount whose asset is only in another table. */
function MoneyOf({ list, id, amount }: { list: 'holds' | 'sub-orders'; id: string; amount: string }) {
  const { data } = useRow(list, { id })
  return <Amount value={amount} asset={data?.asset} />
}

function StateWords({ of }: { of: string }) {
  return <strong>{useStateWords()(of)}</strong>
}

/** A value of an event, shown as a kind. */
function shown(kind: string, value: unknown, extra: unknown): ReactNode {
  const plain = text(value)
  const name = text(extra) === '' ? undefined : text(extra)
  switch (kind) {
    case 'account': return <Account address={plain} />
    case 'money': return <Amount value={plain} asset={text(extra)} />
    case 'heldMoney': return <MoneyOf list="holds" id={plain} amount={text(extra)} />
    case 'orderMoney': return <MoneyOf list="sub-orders" id={plain} amount={text(extra)} />
    case 'number': return /^[0-9]+$/.test(plain) ? <Count value={plain} /> : plain
    case 'state': return <StateWords of={caseOf(value)} />
    case 'order': return <OrderLink id={plain} />
    case 'store': return <StoreLink id={plain} name={name} />
    case 'product': return <ProductLink id={plain} name={name} />
    case 'posting': return <PostingLink id={plain} name={name} />
    case 'contract': return <ContractLink id={plain} />
    case 'programme': return <ProgrammeLink id={plain} name={name} />
    case 'proposal': return <Go to="/network/proposals">{plain}</Go>
    case 'module': return <Go to={`/explorer/modules/${plain}`}>{plain}</Go>
    default: return <Plain>{plain}</Plain>
  }
}

/** The sentence of an event; a module that brings no words of its own has its event named. */
export function EventSentence({ event, by }: { event: EventLike; by?: string | null | undefined }) {
  const t = useTexts()
  const template = t.sentences[`${event.module}/${event.name}`]
  if (template === undefined) {
    return <span>{event.name.replaceAll('-', ' ')} <span className="muted">({event.module})</span></span>
  }
  return (
    <span className="sentence">
      {template.split(/(\{[^}]*\})/).map((part, place) => {
        const token = /^\{([^:}]*):([a-zA-Z]+)(?:@([^}]*))?\}$/.exec(part)
        if (token === null) return part === '' ? null : <span key={place}>{part}</span>
        const [, path = '', kind = '', extra] = token
        const value = path === 'by' && at(event.value, 'by') === undefined ? by : at(event.value, path)
        return <span key={place}>{shown(kind, value, extra === undefined ? undefined : at(event.value, extra))}</span>
      })}
    </span>
  )
}

/** The event after which a transaction is named: the first of the module that it calls that says more than others. */
function leading(events: readonly EventLike[], calls: readonly CallLike[], known: (event: EventLike) => boolean): EventLike | undefined {
  const module = calls[0]?.module
  const own = events.filter((it) => known(it) && (module === undefined || it.module === module))
  return own.find((it) => !accompanying.has(`${it.module}/${it.name}`)) ?? own[0]
}

export interface TransactionLike {
  readonly kind: string
  readonly sender: string | null
  readonly succeeded: boolean
  readonly message: string | null
}

export function TransactionSentence({ transaction, calls, events, count = calls.length }: {
  transaction: TransactionLike; calls: readonly CallLike[]; events: readonly EventLike[]; count?: number
}) {
  const t = useTexts()
  const call = calls[0]
  const called = call !== undefined && (
    <Filled text={t.explorer.calls1} values={{ sender: <Account address={transaction.sender} />, function: <em>{call.function}</em>, module: <Go to={`/explorer/modules/${call.module}`}>{call.module}</Go> }} />
  )
  const more = count > 1 && <span className="muted"> {fill(t.explorer.andMore, { n: count - 1 })}</span>
  if (!transaction.succeeded) {
    return <span className="sentence">{called}{more}: <span className="failure">{t.explorer.failedWord}</span></span>
  }
  const event = leading(events, calls, (it) => t.sentences[`${it.module}/${it.name}`] !== undefined)
  if (event !== undefined) return <span><EventSentence event={event} by={transaction.sender} />{more}</span>
  return <span className="sentence">{called || (transaction.kind === 'genesis' ? t.explorer.genesis : <State of={transaction.kind} />)}{more}</span>
}
