/**
 * Texts of the interface in the user's language. English sentences are their own keys, so a missing translation is English.
 *
 * `locales/<language>.json` map them; `locales/en.json` holds only what English itself needs: plural forms
 * (`"{{count}} pictures_one"`). Languages are fetched when they are chosen.
 */
import i18next from 'i18next'
import english from './locales/en.json'
import { pseudoText } from './pseudo'

type Values = Record<string, string | number>

const loaders = import.meta.glob<{ default: Record<string, string> }>([
  './locales/*.json',
  '!./locales/en.json',
])

/** Languages there are, by their own names. */
export const LANGUAGES: Record<string, string> = { en: 'English' }
for (const path of Object.keys(loaders)) {
  const code = /([\w-]+)\.json$/.exec(path)![1]!
  LANGUAGES[code] = nameOf(code)
}

const RIGHT_TO_LEFT = new Set(['ar', 'he', 'fa', 'ur'])

void i18next.init({
  lng: 'en',
  fallbackLng: 'en',
  resources: { en: { translation: english } },
  keySeparator: false,
  nsSeparator: false,
  initAsync: false,
  interpolation: { escapeValue: false },
})

/** A sentence in the user's language. `{{name}}` in it is replaced; `count` chooses the plural form. */
export const t = (text: string, values?: Values): string => {
  const kept = values ? undefined : sentences.get(text)
  if (kept !== undefined) return kept
  const found = i18next.t(text, values)
  const said = pseudo ? pseudoText(found) : found
  if (!values) sentences.set(text, said)
  return said
}

/** Sentences of the present language that were said already: hundreds of nodes say the same ones. */
const sentences = new Map<string, string>()

/** Languages that nobody speaks, for finding what is not translated, cut off, or on the wrong side; not in any list. */
const PSEUDO: Record<string, string> = { xx: 'en', 'ar-XB': 'ar' }
let pseudo = false
const setPseudo = (on: boolean): void => {
  pseudo = on
}

/** The language to begin with: the first of somebody's that there is, else English. */
export function bestLanguage(wanted: readonly string[]): string {
  for (const one of wanted) {
    if (one in LANGUAGES) return one
    const base = one.split('-')[0]!
    const near = Object.keys(LANGUAGES).find((code) => code === base || code.startsWith(`${base}-`))
    if (near) return near
  }
  return 'en'
}

/** Switches the language; the application is drawn anew by whoever calls this. */
export async function switchLanguage(code: string): Promise<void> {
  const load = loaders[`./locales/${code}.json`]
  setPseudo(code in PSEUDO)
  if (load && !i18next.hasResourceBundle(code, 'translation')) {
    i18next.addResourceBundle(code, 'translation', (await load()).default)
  }
  await i18next.changeLanguage(load || code === 'en' ? code : 'en')
  sentences.clear()
  document.documentElement.lang = PSEUDO[code] ?? i18next.language
  document.documentElement.dir = RIGHT_TO_LEFT.has(code.split('-')[0]!) ? 'rtl' : 'ltr'
}

export const language = (): string => i18next.language || 'en'

/** Numbers, dates and sizes as they are written in the user's language. */
export const shownNumber = (value: number, options?: Intl.NumberFormatOptions): string =>
  new Intl.NumberFormat(language(), options).format(value)

export const shownDate = (
  time: number,
  options: Intl.DateTimeFormatOptions = { dateStyle: 'medium', timeStyle: 'short' },
): string => new Intl.DateTimeFormat(language(), options).format(time)

const STEPS: [number, Intl.RelativeTimeFormatUnit][] = [
  [60, 'second'],
  [3_600, 'minute'],
  [86_400, 'hour'],
  [604_800, 'day'],
  [2_629_800, 'week'],
  [31_557_600, 'month'],
  [Number.POSITIVE_INFINITY, 'year'],
]

/** `3 minutes ago`. */
export function shownAge(time: number): string {
  const seconds = (Date.now() - time) / 1000
  const at = STEPS.findIndex(([limit]) => Math.abs(seconds) < limit)
  const unit = STEPS[at]![1]
  const length = at === 0 ? 1 : STEPS[at - 1]![0]
  return new Intl.RelativeTimeFormat(language(), { numeric: 'auto' }).format(
    -Math.round(seconds / length),
    unit,
  )
}

/** `4.2 s`, `3 min 12 s`. */
export function shownDuration(milliseconds: number): string {
  const seconds = milliseconds / 1000
  if (seconds < 10) return t('{{seconds}} s', { seconds: shownNumber(seconds, { maximumFractionDigits: 1 }) })
  if (seconds < 60) return t('{{seconds}} s', { seconds: Math.round(seconds) })
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return t('{{minutes}} min {{seconds}} s', { minutes, seconds: Math.round(seconds % 60) })
  return t('{{hours}} h {{minutes}} min', { hours: Math.floor(minutes / 60), minutes: minutes % 60 })
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB']

/** `2.1 GB`. */
export function shownBytes(bytes: number): string {
  const at = bytes > 0 ? Math.min(UNITS.length - 1, Math.floor(Math.log10(bytes) / 3)) : 0
  return `${shownNumber(bytes / 1000 ** at, { maximumFractionDigits: at > 1 ? 1 : 0 })} ${UNITS[at]}`
}

function nameOf(code: string): string {
  return new Intl.DisplayNames([code], { type: 'language' }).of(code) ?? code
}
