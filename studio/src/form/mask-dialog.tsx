import { Brush, Eraser, FlipHorizontal2, Trash2, Undo2 } from 'lucide-react'
import { type PointerEvent, useEffect, useRef, useState } from 'react'
import { t } from '@/i18n/text'
import { fileOfInput, fileUrl } from '@/net/files'
import { Button, IconButton } from '@/ui/button'
import { Dialog } from '@/ui/dialog'
import { Segmented } from '@/ui/segmented'
import { Slider } from '@/ui/slider'
import { BoxFields } from './box-fields'
import { drawMark, drawMarks, type Mark, maskPicture } from './mask-strokes'
import { pictureBox } from './picture-box'
import { sendMask } from './send-mask'

export interface MaskDialogProps {
  /** Name of the picture in the input folder. */
  value: string
  onDone: (value: string) => void
  onClose: () => void
}

/** Paints what is to change in a picture, with a brush or, by numbers, with a box. */
export default function MaskDialog({ value, onDone, onClose }: MaskDialogProps) {
  const [marks, setMarks] = useState<Mark[]>([])
  const [erase, setErase] = useState(false)
  const [size, setSize] = useState(0)
  const [sides, setSides] = useState<[number, number]>([0, 0])
  const [problem, setProblem] = useState('')
  const canvas = useRef<HTMLCanvasElement>(null)
  const stroke = useRef<Mark | null>(null)
  const [width, height] = sides
  const brush = size || Math.max(4, Math.round(Math.min(width, height) / 8))
  useEffect(() => {
    const context = canvas.current?.getContext('2d')
    if (context && width) drawMarks(context, marks)
  }, [marks, width])

  const at = (event: PointerEvent): [number, number] => {
    const box = event.currentTarget.getBoundingClientRect()
    return [
      ((event.clientX - box.left) / box.width) * width,
      ((event.clientY - box.top) / box.height) * height,
    ]
  }
  const begin = (event: PointerEvent<HTMLCanvasElement>) => {
    event.currentTarget.setPointerCapture(event.pointerId)
    stroke.current = { kind: 'stroke', points: [at(event)], size: brush, erase }
    drawMark(event.currentTarget.getContext('2d')!, stroke.current)
  }
  const move = (event: PointerEvent<HTMLCanvasElement>) => {
    if (stroke.current?.kind !== 'stroke') return
    const from = stroke.current.points.at(-1)!
    stroke.current.points.push(at(event))
    drawMark(event.currentTarget.getContext('2d')!, { ...stroke.current, points: [from, at(event)] })
  }
  const end = () => {
    if (stroke.current) setMarks((before) => [...before, stroke.current!].slice(-200))
    stroke.current = null
  }
  const add = (mark: Mark) => setMarks((before) => [...before, mark])
  const done = async () => {
    try {
      onDone(await sendMask(value, await maskPicture(canvas.current!)))
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error))
    }
  }
  return (
    <Dialog
      open
      onClose={onClose}
      size="medium"
      title={t('Paint a mask')}
      description={t('What is painted will be drawn anew; the rest stays as it is.')}
      actions={
        <>
          {problem ? <span className="me-auto text-body text-err">{problem}</span> : null}
          <Button onClick={onClose}>{t('Cancel')}</Button>
          <Button look="primary" disabled={marks.length === 0} onClick={() => void done()}>
            {t('Use this mask')}
          </Button>
        </>
      }
    >
      <div className="mb-3 flex flex-wrap items-center gap-2 max-sm:gap-1">
        <Segmented
          label={t('Tool')}
          value={erase ? 'erase' : 'paint'}
          onChange={(tool) => setErase(tool === 'erase')}
          segments={[
            { value: 'paint', label: t('Brush'), icon: <Brush size={14} aria-hidden="true" /> },
            { value: 'erase', label: t('Eraser'), icon: <Eraser size={14} aria-hidden="true" /> },
          ]}
          className="w-48 max-sm:w-auto max-sm:min-w-0 max-sm:flex-1"
        />
        <Slider
          label={t('Size of the brush')}
          value={brush}
          onChange={setSize}
          min={1}
          max={Math.max(64, Math.round(Math.max(width, height) / 2))}
          whole
          className="min-w-40 flex-1 max-sm:order-last max-sm:min-w-full"
        />
        <IconButton
          label={t('Undo')}
          disabled={marks.length === 0}
          onClick={() => setMarks(marks.slice(0, -1))}
        >
          <Undo2 size={16} />
        </IconButton>
        <IconButton label={t('Invert')} onClick={() => add({ kind: 'invert' })}>
          <FlipHorizontal2 size={16} />
        </IconButton>
        <IconButton label={t('Clear')} disabled={marks.length === 0} onClick={() => add({ kind: 'clear' })}>
          <Trash2 size={16} />
        </IconButton>
      </div>
      <div
        className="checker relative mx-auto w-fit overflow-hidden rounded-card"
        style={pictureBox(width, height)}
      >
        <img
          src={fileUrl(fileOfInput(value))}
          alt={t('The picture that is masked')}
          onLoad={(event) => setSides([event.currentTarget.naturalWidth, event.currentTarget.naturalHeight])}
          className={width ? 'block size-full' : 'block h-[46dvh] w-auto max-w-full object-contain'}
          draggable={false}
        />
        {width ? (
          <canvas
            ref={canvas}
            width={width}
            height={height}
            onPointerDown={begin}
            onPointerMove={move}
            onPointerUp={end}
            onPointerCancel={end}
            className="absolute inset-0 size-full cursor-crosshair touch-none opacity-60"
          />
        ) : null}
      </div>
      <BoxFields
        width={width}
        height={height}
        onAdd={(box) => add({ kind: 'box', ...box, erase })}
        action={erase ? t('Erase the box') : t('Fill the box')}
      />
    </Dialog>
  )
}
