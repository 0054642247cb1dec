import { expect, test } from 'vitest'
import { farTitle } from './far-title'

test('short titles stay, long ones are cut to two lines', () => {
  expect(farTitle('KSampler', 315)).toBe('KSampler')
  const cut = farTitle('A very long title that nobody could ever read from so far away', 315)
  expect(cut.endsWith('…')).toBe(true)
  expect(cut.length).toBeGreaterThan(30)
  expect(cut.length).toBeLessThan(50)
})

test('wide signs take more room, and pairs are not torn apart', () => {
  expect(farTitle('采样器'.repeat(20), 200).length).toBeLessThan(18)
  expect(farTitle('🐦'.repeat(40), 200)).toMatch(/^(🐦)+…$/u)
})
