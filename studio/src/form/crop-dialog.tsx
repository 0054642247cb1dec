import { type PointerEvent, useRef, useState } from 'react'
import { t } from '@/i18n/text'
import { fetchFile, fileOfInput, fileUrl, inputName, uploadInput } from '@/net/files'
import { Button } from '@/ui/button'
import { classes } from '@/ui/classes'
import { Dialog } from '@/ui/dialog'
import { NumberInput } from '@/ui/number-input'
import { pngOf } from './mask-strokes'
import { pictureBox } from './picture-box'

interface Crop {
  x: number
  y: number
  width: number
  height: number
}

export interface CropDialogProps {
  /** Name of the picture in the input folder. */
  value: string
  onDone: (value: string) => void
  onClose: () => void
}

/** Cuts a part out of a picture: dragged over it, or by numbers. */
export default function CropDialog({ value, onDone, onClose }: CropDialogProps) {
  const [sides, setSides] = useState<[number, number]>([0, 0])
  const [crop, setCrop] = useState<Crop>({ x: 0, y: 0, width: 0, height: 0 })
  const [problem, setProblem] = useState('')
  const start = useRef<[number, number] | null>(null)
  const [width, height] = sides
  const at = (event: PointerEvent): [number, number] => {
    const box = event.currentTarget.getBoundingClientRect()
    const inside = (part: number) => Math.min(1, Math.max(0, part))
    return [
      Math.round(inside((event.clientX - box.left) / box.width) * width),
      Math.round(inside((event.clientY - box.top) / box.height) * height),
    ]
  }
  const drag = (event: PointerEvent) => {
    if (!start.current) return
    const [x, y] = at(event)
    const [fromX, fromY] = start.current
    setCrop({
      x: Math.min(x, fromX),
      y: Math.min(y, fromY),
      width: Math.max(1, Math.abs(x - fromX)),
      height: Math.max(1, Math.abs(y - fromY)),
    })
  }
  const done = async () => {
    try {
      onDone(await cut(value, crop))
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error))
    }
  }
  const part = (number: number, whole: number) => `${whole ? (number / whole) * 100 : 0}%`
  const fields: [keyof Crop, string, number][] = [
    ['x', t('Left'), width - 1],
    ['y', t('Top'), height - 1],
    ['width', t('Width'), width - crop.x],
    ['height', t('Height'), height - crop.y],
  ]
  return (
    <Dialog
      open
      onClose={onClose}
      size="medium"
      title={t('Crop')}
      description={t('Drag over the part to keep. The picture itself stays as it is; a new one is made.')}
      actions={
        <>
          {problem ? <span className="me-auto text-body text-err">{problem}</span> : null}
          <Button onClick={onClose}>{t('Cancel')}</Button>
          <Button look="primary" disabled={!width} onClick={() => void done()}>
            {t('Crop')}
          </Button>
        </>
      }
    >
      <div
        className="checker relative mx-auto w-fit touch-none overflow-hidden rounded-card"
        style={pictureBox(width, height)}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId)
          start.current = at(event)
        }}
        onPointerMove={drag}
        onPointerUp={() => {
          start.current = null
        }}
      >
        <img
          src={fileUrl(fileOfInput(value))}
          alt={t('The picture that is cropped')}
          draggable={false}
          onLoad={({ currentTarget: { naturalWidth, naturalHeight } }) => {
            setSides([naturalWidth, naturalHeight])
            setCrop({ x: 0, y: 0, width: naturalWidth, height: naturalHeight })
          }}
          className={classes(
            'block cursor-crosshair select-none',
            width ? 'size-full' : 'h-[46dvh] w-auto max-w-full object-contain',
          )}
        />
        <div
          aria-hidden="true"
          className="pointer-events-none absolute border border-white shadow-[0_0_0_9999px_rgb(0_0_0/0.55)]"
          style={{
            left: part(crop.x, width),
            top: part(crop.y, height),
            width: part(crop.width, width),
            height: part(crop.height, height),
          }}
        />
      </div>
      <div className="mt-3 flex flex-wrap gap-2">
        {fields.map(([name, label, max]) => (
          <div key={name} className="w-24">
            <span className="mb-1 block text-label text-muted">{label}</span>
            <NumberInput
              label={label}
              value={crop[name]}
              onChange={(number) => setCrop(fitted({ ...crop, [name]: number }, width, height))}
              min={name === 'width' || name === 'height' ? 1 : 0}
              max={max}
              whole
            />
          </div>
        ))}
      </div>
    </Dialog>
  )
}

const fitted = (crop: Crop, width: number, height: number): Crop => ({
  ...crop,
  width: Math.min(crop.width, width - crop.x),
  height: Math.min(crop.height, height - crop.y),
})

async function cut(value: string, { x, y, width, height }: Crop): Promise<string> {
  const original = fileOfInput(value)
  const picture = await createImageBitmap(await fetchFile(original))
  const canvas = document.createElement('canvas')
  canvas.width = width
  canvas.height = height
  canvas.getContext('2d')!.drawImage(picture, x, y, width, height, 0, 0, width, height)
  picture.close()
  const stem = original.filename.replace(/\.[a-z0-9]+$/i, '')
  return inputName(await uploadInput(await pngOf(canvas), `${stem}-crop.png`))
}
