import { useState } from 'react'
import { t } from '@/i18n/text'
import { Button } from '@/ui/button'
import { Disclosure } from '@/ui/disclosure'
import { NumberInput } from '@/ui/number-input'

export interface Box {
  x: number
  y: number
  width: number
  height: number
}

export interface BoxFieldsProps {
  width: number
  height: number
  onAdd: (box: Box) => void
  action: string
}

/** A box by numbers, in percent of the picture: the way to a mask without drawing. */
export function BoxFields({ width, height, onAdd, action }: BoxFieldsProps) {
  const [box, setBox] = useState<Box>({ x: 25, y: 25, width: 50, height: 50 })
  const names: [keyof Box, string][] = [
    ['x', t('Left')],
    ['y', t('Top')],
    ['width', t('Width')],
    ['height', t('Height')],
  ]
  const add = () =>
    onAdd({
      x: (box.x / 100) * width,
      y: (box.y / 100) * height,
      width: (box.width / 100) * width,
      height: (box.height / 100) * height,
    })
  return (
    <div className="mt-3">
      <Disclosure name="mask.box" title={t('A box by numbers')}>
        <div className="flex flex-wrap items-end gap-2">
          {names.map(([name, label]) => (
            <div key={name} className="w-20">
              <span className="mb-1 block text-label text-muted">{label}</span>
              <NumberInput
                label={label}
                value={box[name]}
                onChange={(value) => setBox({ ...box, [name]: value })}
                min={0}
                max={100}
                suffix="%"
              />
            </div>
          ))}
          <Button onClick={add}>{action}</Button>
        </div>
      </Disclosure>
    </div>
  )
}
