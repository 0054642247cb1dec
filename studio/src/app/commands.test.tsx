import { describe, expect, it } from 'vitest'
import { keysPressed } from './commands'

const pressed = (key: string, more: KeyboardEventInit = {}) =>
  keysPressed(new KeyboardEvent('keydown', { key, ...more }))

describe('keys', () => {
  it('are written the way commands write them', () => {
    expect(pressed('k', { ctrlKey: true })).toBe('Mod+K')
    expect(pressed('Z', { ctrlKey: true, shiftKey: true })).toBe('Mod+Shift+Z')
    expect(pressed('Enter', { ctrlKey: true, altKey: true })).toBe('Mod+Alt+Enter')
    expect(pressed('F8')).toBe('F8')
  })

  it('with Alt mean the key, whatever letter the layout writes', () => {
    expect(pressed('µ', { altKey: true, code: 'KeyM' })).toBe('Alt+M')
  })
})
