import { expect, it } from 'vitest'
import { pictureBox } from './picture-box'

it('has the ratio of the picture, whatever room there is', () => {
  expect(pictureBox(0, 0)).toBeUndefined()
  expect(pictureBox(900, 600)).toEqual({ aspectRatio: '900 / 600', width: 'min(100%, calc(46dvh * 1.5))' })
})
