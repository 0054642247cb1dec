import { useState } from 'react'
import { t } from '@/i18n/text'
import { Button } from '@/ui/button'
import { NumberInput } from '@/ui/number-input'
import { Popover } from '@/ui/popover'
import { Segmented } from '@/ui/segmented'
import { useCanvasStore } from '../state/canvas-store'
import type { Rect } from '../state/geometry'
import type { CanvasSession } from '../state/session'
import { takeRectangle } from '../tools/rectangle'

/** Select or fill; and a rectangle by numbers, for those who do not draw. */
export function RectangleFields({ session }: { session: CanvasSession }) {
  const rectangle = useCanvasStore((state) => state.rectangle)
  return (
    <>
      <Segmented
        label={t('What a rectangle does')}
        value={rectangle}
        onChange={(next) => useCanvasStore.setState({ rectangle: next })}
        segments={[
          { value: 'select', label: t('Select') },
          { value: 'fill', label: t('Fill') },
        ]}
        className="w-32 shrink-0"
      />
      <Popover label={t('Rectangle by numbers')} trigger={<Button small>{t('By numbers…')}</Button>}>
        <Numbers session={session} />
      </Popover>
    </>
  )
}

function Numbers({ session }: { session: CanvasSession }) {
  const [rect, setRect] = useState<Rect>(session.canvas.box)
  const field = (key: keyof Rect, label: string) => (
    <div className="text-label text-muted">
      <span aria-hidden="true">{label}</span>
      <NumberInput
        label={label}
        value={rect[key]}
        whole
        min={key === 'width' || key === 'height' ? 1 : undefined}
        onChange={(value) => setRect({ ...rect, [key]: value })}
      />
    </div>
  )
  return (
    <div className="flex w-56 flex-col gap-3">
      <div className="grid grid-cols-2 gap-2">
        {field('x', t('From the left'))}
        {field('y', t('From the top'))}
        {field('width', t('Width'))}
        {field('height', t('Height'))}
      </div>
      <Button look="primary" onClick={() => takeRectangle(session, rect)}>
        {t('Draw it')}
      </Button>
    </div>
  )
}
