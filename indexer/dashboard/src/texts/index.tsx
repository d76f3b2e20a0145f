/** The language of the page, and filling in texts. */
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useState } from 'react'
import { en, type Texts } from './en'

export type Language = 'en' | 'ur'
export const LANGUAGES: readonly (readonly [Language, string])[] = [['en', 'English'], ['ur', 'اردو']]

interface Spoken {
  readonly language: Language
  readonly texts: Texts
  readonly choose: (language: Language) => void
}

const Context = createContext<Spoken>({ language: 'en', texts: en, choose: () => {} })

const KEY = 'ehb-language'

/** Reads and writes what this browser remembers; a browser that forbids that forgets. */
export const remembered = (key: string): string | null => {
  try { return localStorage.getItem(key) } catch { return null }
}
export const remember = (key: string, value: string): void => {
  try { localStorage.setItem(key, value) } catch { /* The choice lasts as long as the page. */ }
}

export function LanguageProvider({ children }: { children: ReactNode }) {
  const [spoken, setSpoken] = useState<{ language: Language; texts: Texts }>({ language: 'en', texts: en })
  const choose = useCallback((language: Language) => {
    remember(KEY, language)
    if (language === 'en') setSpoken({ language, texts: en })
    else void import('./ur').then(({ ur }) => setSpoken({ language, texts: ur }))
  }, [])
  useEffect(() => {
    if (remembered(KEY) === 'ur') choose('ur')
  }, [choose])
  useEffect(() => {
    document.documentElement.lang = spoken.language
    document.documentElement.dir = spoken.language === 'ur' ? 'rtl' : 'ltr'
  }, [spoken.language])
  const value = useMemo(() => ({ ...spoken, choose }), [spoken, choose])
  return <Context value={value}>{children}</Context>
}

export const useTexts = (): Texts => useContext(Context).texts
export const useLanguage = (): Spoken => useContext(Context)

/** The locale for numbers and times. */
export const useLocale = (): string => (useContext(Context).language === 'ur' ? 'ur-PK-u-nu-latn' : 'en-GB')

/** A text with `{name}` replaced. */
export const fill = (text: string, values: { readonly [name: string]: string | number }): string =>
  text.replace(/\{([a-zA-Z]+)\}/g, (whole, name: string) => String(values[name] ?? whole))

/** A text with `{name}` replaced by elements. */
export function Filled({ text, values }: { text: string; values: { readonly [name: string]: ReactNode } }): ReactNode {
  return text.split(/(\{[a-zA-Z]+\})/).map((part, at) => {
    const name = /^\{([a-zA-Z]+)\}$/.exec(part)?.[1]
    // The parts of a text never change their places.
    return <span key={at}>{name === undefined ? part : values[name]}</span>
  })
}
