import { fireEvent, render, screen } from '@testing-library/react'
import { beforeEach, expect, test, vi } from 'vitest'
import { TooltipProvider } from './tooltip'
import { Zoomable, type ZoomableProps } from './zoomable'

beforeEach(() => {
  vi.spyOn(HTMLElement.prototype, 'clientWidth', 'get').mockReturnValue(400)
  vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(400)
})

const show = (more: Partial<ZoomableProps> = {}) =>
  render(
    <TooltipProvider>
      <Zoomable src="a.png" alt="A fox" width={800} height={800} {...more} />
    </TooltipProvider>,
  )

test('a picture is fitted, and goes to its pixels and back by keys', () => {
  show()
  const view = screen.getByRole('group', { name: 'Picture, 50 %' })
  fireEvent.keyDown(view, { key: '2', ctrlKey: true })
  expect(view.getAttribute('aria-label')).toBe('Picture, 200 %')
  fireEvent.keyDown(view, { key: '+' })
  expect(view.getAttribute('aria-label')).toBe('Picture, 250 %')
  expect(screen.getByAltText('A fox').parentElement?.style.imageRendering).toBe('pixelated')
  fireEvent.keyDown(view, { key: '0', ctrlKey: true })
  expect(view.getAttribute('aria-label')).toBe('Picture, 50 %')
})

test('arrows move a picture that is larger, and are left alone otherwise', () => {
  show()
  const view = screen.getByRole('group')
  expect(fireEvent.keyDown(view, { key: 'ArrowRight' })).toBe(true)
  fireEvent.keyDown(view, { key: '1', ctrlKey: true })
  expect(fireEvent.keyDown(view, { key: 'ArrowRight' })).toBe(false)
  expect(screen.getByAltText('A fox').parentElement?.style.transform).toContain('translate(-48px, 0px)')
})

test('the wheel and two taps zoom', () => {
  show()
  const view = screen.getByRole('group')
  fireEvent.wheel(view, { deltaY: -200 })
  expect(view.getAttribute('aria-label')).not.toBe('Picture, 50 %')
  for (let tap = 0; tap < 2; tap += 1) {
    fireEvent.pointerDown(view, { pointerId: 1, button: 0 })
    fireEvent.pointerUp(view, { pointerId: 1, button: 0 })
  }
  expect(view.getAttribute('aria-label')).toBe('Picture, 50 %')
})

test('a finger swipes to the next picture', () => {
  const swiped = vi.fn()
  show({ onSwipe: swiped })
  const view = screen.getByRole('group')
  fireEvent.pointerDown(view, { pointerId: 1, button: 0, clientX: 300, clientY: 100 })
  fireEvent.pointerMove(view, { pointerId: 1, clientX: 150, clientY: 105 })
  fireEvent.pointerUp(view, { pointerId: 1, clientX: 150, clientY: 105, pointerType: 'touch' })
  expect(swiped).toHaveBeenCalledWith('left')
})
