import { FlipHorizontal2, FlipVertical2 } from 'lucide-react'
import { useStore } from 'zustand'
import { t } from '@/i18n/text'
import { Button, IconButton } from '@/ui/button'
import { NumberInput } from '@/ui/number-input'
import { Popover } from '@/ui/popover'
import { bakeMatrix } from '../layers/layer-actions'
import { layerOf, useCanvas } from '../state/canvas-document'
import { isMoveOnly, matrixOf, mirrored, type Placement, placementOf } from '../state/geometry'
import type { CanvasSession } from '../state/session'

const isSide = (key: keyof Placement): boolean => key === 'width' || key === 'height'

/** The active layer's place, size and angle as numbers: everything that the handles do. */
export function TransformFields({ session }: { session: CanvasSession }) {
  const active = useStore(session.state, (state) => state.active)
  // Pixels that changed change the content's size.
  useStore(session.state, (state) => state.ticks[active] ?? 0)
  const layer = useCanvas(session.document, (canvas) => layerOf(canvas, active))
  const content = layer ? session.boundsOf(layer) : null
  if (!layer || !content)
    return <span className="text-label text-muted">{t('Choose a layer with something on it.')}</span>
  const placement = placementOf(layer.matrix, content)
  const set = (change: Partial<Placement>) =>
    session.changeLayer(
      layer.id,
      t('Transform layer'),
      { matrix: matrixOf({ ...placement, ...change }, content) },
      'transform',
    )
  const mirror = (side: 'width' | 'height') =>
    session.changeLayer(layer.id, t('Mirror layer'), {
      matrix: matrixOf(mirrored(placement, side), content),
    })
  const number = (key: keyof Placement, short: string, label: string) => (
    <span className="flex shrink-0 items-center gap-1">
      <span aria-hidden="true" className="text-label text-muted">
        {short}
      </span>
      <NumberInput
        label={label}
        value={Math.round((isSide(key) ? Math.abs(placement[key]) : placement[key]) * 100) / 100}
        onChange={(value) => set({ [key]: isSide(key) && placement[key] < 0 ? -value : value })}
        min={isSide(key) ? 1 : undefined}
        disabled={layer.locked}
        className="w-18"
      />
    </span>
  )
  const numbers = (
    <>
      {number('x', t('X'), t('From the left'))}
      {number('y', t('Y'), t('From the top'))}
      {number('width', t('W'), t('Width'))}
      {number('height', t('H'), t('Height'))}
      {number('degrees', '°', t('Angle in degrees'))}
    </>
  )
  return (
    <>
      <div className="flex shrink-0 items-center gap-3 @max-[600px]:hidden">{numbers}</div>
      <span className="hidden shrink-0 @max-[600px]:block">
        <Popover label={t('Transform by numbers')} trigger={<Button small>{t('By numbers…')}</Button>}>
          <div className="grid w-56 grid-cols-2 gap-3">{numbers}</div>
        </Popover>
      </span>
      <span className="flex shrink-0">
        <IconButton
          label={t('Mirror left and right')}
          disabled={layer.locked}
          onClick={() => mirror('width')}
        >
          <FlipVertical2 size={16} aria-hidden="true" />
        </IconButton>
        <IconButton
          label={t('Mirror top and bottom')}
          disabled={layer.locked}
          onClick={() => mirror('height')}
        >
          <FlipHorizontal2 size={16} aria-hidden="true" />
        </IconButton>
      </span>
      {isMoveOnly(layer.matrix) ? null : (
        <Button small onClick={() => bakeMatrix(session, layer)}>
          {t('Apply')}
        </Button>
      )}
    </>
  )
}
