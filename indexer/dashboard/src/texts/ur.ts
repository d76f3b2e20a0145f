/** All words of the dashboard, in Urdu. */
import { en, type Texts } from './en'

export const ur: Texts = { ...en, language: 'اردو' }
