import { fireEvent, render, screen } from '@testing-library/react'
import { expect, test, vi } from 'vitest'
import { TooltipProvider } from '@/ui/tooltip'
import { SettingsTable, shown } from './settings-table'

const sent = vi.hoisted(() => vi.fn())
vi.mock('@/app/intents', () => ({ sendTo: sent }))

test('values are written as people read them', () => {
  expect(shown([{ name: 'ink', strength: 0.5 }, { name: 'wet' }])).toBe('ink (0.5), wet')
  expect(shown('18446744073709551615')).toBe('18446744073709551615')
  expect(shown(null)).toBe('')
})

test('each setting is used again by its own button', () => {
  render(
    <TooltipProvider>
      <SettingsTable
        settings={{ 'sampler.seed': '7', 'prompt.positive': 'a fox', 'own.role': 3, empty: '' }}
      />
    </TooltipProvider>,
  )
  expect(screen.getAllByRole('term').map((term) => term.textContent)).toEqual(['Prompt', 'Seed', 'own.role'])
  fireEvent.click(screen.getByRole('button', { name: 'Use Seed' }))
  expect(sent).toHaveBeenCalledWith('create', 'use-settings', { values: { 'sampler.seed': '7' } })
})
