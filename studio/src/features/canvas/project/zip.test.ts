import { expect, it } from 'vitest'
import { checksum, readZip, writeZip } from './zip'

const text = (words: string) => new TextEncoder().encode(words)

it('what was written is read again', () => {
  const entries = [
    { name: 'project.json', bytes: text('{"layers": []}') },
    { name: 'layers/grün.png', bytes: Uint8Array.from({ length: 4_000 }, (_, at) => at % 251) },
    { name: 'empty', bytes: new Uint8Array() },
  ]
  expect(readZip(writeZip(entries))).toEqual(entries)
})

it('knows the checksum that the format names', () => {
  expect(checksum(text('123456789'))).toBe(0xcbf43926)
})

it('says so if a file is none, is cut short or was changed', () => {
  expect(() => readZip(text('nothing of the kind, but long enough'))).toThrow('not a project')
  const file = writeZip([{ name: 'a', bytes: text('hello') }])
  const changed = file.slice()
  changed[31]! ^= 1
  expect(() => readZip(changed)).toThrow('damaged')
  expect(() => readZip(file.slice(0, file.length - 30))).toThrow()
})
