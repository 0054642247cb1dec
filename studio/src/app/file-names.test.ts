import { describe, expect, it } from 'vitest'
import { cleanName, copyName, fileNameOf, titleOfFile } from './file-names'

describe('names of files', () => {
  it('keep folders and lose what no system can keep', () => {
    expect(cleanName(' my: work?/part.one. ')).toBe('my work/part.one')
    expect(cleanName('../..//a.json')).toBe('a')
    expect(fileNameOf('portrait')).toBe('portrait.json')
    expect(fileNameOf('poster.app.json')).toBe('poster.app.json')
  })

  it('are shown without folders and ends', () => {
    expect(titleOfFile('a/b/poster.app.json')).toBe('poster')
    expect(titleOfFile('picture.png')).toBe('picture')
    expect(titleOfFile('v1.5')).toBe('v1.5')
  })

  it('of copies are free', () => {
    expect(copyName('a.json', [])).toBe('a copy.json')
    expect(copyName('a.json', ['A copy.json', 'a copy 2.json'])).toBe('a copy 3.json')
  })
})
