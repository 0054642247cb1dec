/** What the search field offers while one types: chips there are, and what they may be filled with. */
import { shownNumber, t } from '@/i18n/text'
import type { Count, Facets } from './pictures'

export interface Suggestion {
  chip: string
  help: string
  /** The whole text once it is taken. */
  text: string
}

const SHOWN = 10

const chips = (): [string, string][] => [
  ['model:', t('made with a model')],
  ['lora:', t('made with a LoRA')],
  ['app:', t('made with an app')],
  ['tag:', t('has a tag')],
  ['board:', t('lies on a board')],
  ['date:7d', t('of the last seven days')],
  ['date:', t('of a day, or from..to')],
  ['rating>', t('rated better than')],
  ['size>', t('longest side in pixels')],
  ['seed:', t('made with a seed')],
  ['media:video', t('films')],
  ['is:starred', t('starred')],
  ['is:untagged', t('without tags')],
]

type Listed = 'models' | 'loras' | 'apps' | 'tags' | 'boards' | 'days'
const VALUES: Record<string, Listed> = {
  model: 'models',
  lora: 'loras',
  app: 'apps',
  tag: 'tags',
  board: 'boards',
  date: 'days',
}

/** Suggestions for the last word of a text. */
export function suggest(text: string, facets: Facets | undefined): Suggestion[] {
  const last = /(\S*:"[^"]*|\S*)$/.exec(text)?.[0] ?? ''
  const before = text.slice(0, text.length - last.length)
  const begun = /^(-?)([a-z]+):"?([^"]*)$/i.exec(last)
  const list = begun ? VALUES[begun[2]!.toLowerCase()] : undefined
  if (begun && list && facets) {
    const part = begun[3]!.toLowerCase()
    return facets[list]
      .filter(({ name }) => name.toLowerCase().includes(part) && name.toLowerCase() !== part)
      .slice(0, SHOWN)
      .map((found) => filled(before, `${begun[1]}${begun[2]}:`, found))
  }
  const minus = last.startsWith('-') ? '-' : ''
  const word = last.slice(minus.length).toLowerCase()
  if (text.trim() && !word) return []
  return chips()
    .filter(([chip]) => chip.startsWith(word) && chip !== word)
    .slice(0, text.trim() ? SHOWN : chips().length)
    .map(([chip, help]) => ({
      chip: minus + chip,
      help,
      text: `${before}${minus}${chip}${/[:>]$/.test(chip) ? '' : ' '}`,
    }))
}

function filled(before: string, field: string, { name, count }: Count): Suggestion {
  const value = /\s/.test(name) ? `"${name}"` : name
  return {
    chip: `${field}${value}`,
    help: t('{{count}} pictures', { count }).replace(String(count), shownNumber(count)),
    text: `${before}${field}${value} `,
  }
}
