import { fireEvent, render, screen } from '@testing-library/react'
import { expect, it, vi } from 'vitest'
import { NumberInput } from './number-input'

it('follows its value while nobody types, and never takes back an older one', () => {
  const change = vi.fn()
  const { rerender } = render(<NumberInput label="Size" value={4} onChange={change} />)
  const field = screen.getByRole('spinbutton') as HTMLInputElement
  field.focus()
  rerender(<NumberInput label="Size" value={64} onChange={change} />)
  expect(field.value).toBe('64')
  field.blur()
  expect(change).not.toHaveBeenCalled()
})

it('leaves what is being typed alone until one goes on', () => {
  const change = vi.fn()
  render(<NumberInput label="Size" value={4} onChange={change} />)
  const field = screen.getByRole('spinbutton') as HTMLInputElement
  field.focus()
  fireEvent.change(field, { target: { value: '32*2' } })
  expect(field.value).toBe('32*2')
  fireEvent.blur(field)
  expect(change).toHaveBeenCalledWith(64)
})
