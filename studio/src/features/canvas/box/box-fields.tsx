import { Link2, Unlink2 } from 'lucide-react'
import { t } from '@/i18n/text'
import { IconButton } from '@/ui/button'
import { Field } from '@/ui/field'
import { NumberInput } from '@/ui/number-input'
import { Switch } from '@/ui/switch'
import { useCanvas } from '../state/canvas-document'
import type { Rect } from '../state/geometry'
import type { CanvasSession } from '../state/session'
import { drawnSize, setBox, useSizes } from './box-actions'

/** The box by numbers: where it is, how large, and at which size the model draws it. */
export function BoxFields({ session }: { session: CanvasSession }) {
  const box = useCanvas(session.document, (canvas) => canvas.box)
  const ratio = useCanvas(session.document, (canvas) => canvas.ratio)
  const sizes = useSizes()
  const set = (change: Partial<Rect>) => {
    const next = { ...box, ...change }
    if (ratio > 0 && change.width) next.height = change.width / ratio
    if (ratio > 0 && change.height) next.width = change.height * ratio
    setBox(session, next, t('Change the box'), 'box')
  }
  const number = (key: keyof Rect, label: string) => (
    <Field label={label}>
      {({ id }) => (
        <NumberInput
          id={id}
          label={label}
          value={box[key]}
          whole
          step={key === 'x' || key === 'y' ? 1 : sizes.multiple}
          min={key === 'x' || key === 'y' ? undefined : sizes.multiple}
          max={key === 'x' || key === 'y' ? undefined : 8192}
          onChange={(value) => set({ [key]: value })}
        />
      )}
    </Field>
  )
  return (
    <>
      <div className="flex items-end gap-2">
        <div className="grid flex-1 grid-cols-2 gap-2">
          {number('width', t('Width'))}
          {number('height', t('Height'))}
        </div>
        <IconButton
          label={ratio > 0 ? t('Free the ratio') : t('Keep the ratio')}
          look="plain"
          pressed={ratio > 0}
          onClick={() =>
            session.change(t('Ratio of the box'), (canvas) => {
              canvas.ratio = ratio > 0 ? 0 : box.width / box.height
            })
          }
        >
          {ratio > 0 ? <Link2 size={16} aria-hidden="true" /> : <Unlink2 size={16} aria-hidden="true" />}
        </IconButton>
      </div>
      <div className="grid grid-cols-2 gap-2 pe-10">
        {number('x', t('From the left'))}
        {number('y', t('From the top'))}
      </div>
      <DrawnSize session={session} />
    </>
  )
}

/** "Generate at": shown when the model draws at another size than the box has. */
function DrawnSize({ session }: { session: CanvasSession }) {
  const box = useCanvas(session.document, (canvas) => canvas.box)
  const drawn = useCanvas(session.document, (canvas) => canvas.drawn)
  const sizes = useSizes()
  if (box.width <= 0) return null
  const size = drawnSize(sizes, box, drawn)
  const set = (width: number, height: number) =>
    session.change(
      t('Generate at'),
      (canvas) => {
        canvas.drawn = { width, height }
      },
      'drawn',
    )
  const other = size.width !== box.width || size.height !== box.height
  return (
    <>
      <Field
        label={t('Generate at another size')}
        inline
        help={t(
          'The box is drawn at this size and scaled to fit: larger for finer detail, smaller for speed.',
        )}
      >
        {({ id }) => (
          <Switch
            id={id}
            label={t('Generate at another size')}
            checked={drawn !== null}
            onChange={(on) =>
              session.change(t('Generate at'), (canvas) => {
                canvas.drawn = on ? size : null
              })
            }
          />
        )}
      </Field>
      {drawn ? (
        <div className="grid grid-cols-2 gap-2 pe-10">
          {(['width', 'height'] as const).map((side) => (
            <NumberInput
              key={side}
              label={side === 'width' ? t('Width that is drawn') : t('Height that is drawn')}
              value={drawn[side]}
              whole
              step={sizes.multiple}
              min={sizes.min}
              max={sizes.max}
              onChange={(value) =>
                set(side === 'width' ? value : drawn.width, side === 'height' ? value : drawn.height)
              }
            />
          ))}
        </div>
      ) : null}
      {other ? (
        <p className="text-label text-muted">
          {t('Drawn at {{width}} × {{height}} and scaled to the box.', {
            width: size.width,
            height: size.height,
          })}
        </p>
      ) : null}
    </>
  )
}
