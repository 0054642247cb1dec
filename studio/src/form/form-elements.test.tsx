import { render, screen } from '@testing-library/react'
import { expect, it } from 'vitest'
import type { FormElement, FormField } from '@/doc/form'
import { FormElements } from './form-elements'

const field = (id: string): FormField => ({
  kind: 'field',
  id,
  label: id,
  places: [],
  control: { type: 'line' },
})
const section = (id: string, children: FormElement[]): FormElement => ({
  kind: 'section',
  id,
  title: id,
  children,
})

it('leaves out parts in which nothing is shown', () => {
  const elements = [
    section('empty', []),
    section('hidden', [section('inner', [field('left out')])]),
    section('full', [field('shown')]),
  ]
  render(
    <FormElements elements={elements} draw={({ id }) => (id === 'shown' ? <p key={id}>{id}</p> : null)} />,
  )
  expect(screen.queryByText('empty')).toBeNull()
  expect(screen.queryByText('hidden')).toBeNull()
  expect(screen.getByText('full')).toBeTruthy()
  expect(screen.getByText('shown')).toBeTruthy()
})
