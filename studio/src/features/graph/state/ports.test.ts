import { describe, expect, it } from 'vitest'
import { fits, lookOf, typeText } from './ports'

describe('ports', () => {
  it('fit if the types are the same, or one takes anything', () => {
    expect(fits('IMAGE', 'IMAGE')).toBe(true)
    expect(fits('IMAGE', 'LATENT')).toBe(false)
    expect(fits('IMAGE', '*')).toBe(true)
    expect(fits('*', 'MODEL')).toBe(true)
    expect(fits('INT', 'FLOAT,INT')).toBe(true)
    expect(fits('image', 'IMAGE')).toBe(true)
  })

  it('differ in form by class', () => {
    expect(lookOf('MODEL').form).toBe('diamond')
    expect(lookOf('CONDITIONING').form).toBe('hexagon')
    expect(lookOf('INT').form).toBe('square')
    expect(lookOf('*').form).toBe('ring')
    expect(lookOf('SOMETHING_NEW').form).toBe('circle')
  })

  it('have a type as text, however a file has it', () => {
    expect(typeText(['a', 'b'])).toBe('COMBO')
    expect(typeText(0)).toBe('*')
  })
})
