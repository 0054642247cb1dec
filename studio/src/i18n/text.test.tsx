import { expect, it } from 'vitest'
import { pseudoText } from './pseudo'
import { bestLanguage, switchLanguage, t } from './text'

it('begins with the first language of somebody’s that there is', () => {
  expect(bestLanguage(['tlh', 'de-AT', 'en'])).toBe('de')
  expect(bestLanguage(['zh'])).toBe('zh-CN')
  expect(bestLanguage(['tlh'])).toBe('en')
})

it('makes texts of the pseudo-language longer, and mirrors the other one', async () => {
  expect(pseudoText('Run')).toBe('[Rüñ~~]')
  await switchLanguage('ar-XB')
  expect(t('Run')).toBe('[Rüñ~~]')
  expect(document.documentElement.dir).toBe('rtl')
  await switchLanguage('en')
  expect(t('Run')).toBe('Run')
  expect(document.documentElement.dir).toBe('ltr')
})
