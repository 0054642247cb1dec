import type { ReactNode } from 'react'
import { useStore } from 'zustand'
import { t } from '@/i18n/text'
import { Button } from '@/ui/button'
import { classes } from '@/ui/classes'
import { NumberInput } from '@/ui/number-input'
import { Segmented } from '@/ui/segmented'
import { Select } from '@/ui/select'
import { Slider } from '@/ui/slider'
import { toast } from '@/ui/toasts'
import { fitBox } from '../box/box-actions'
import { maskFromSelection } from '../layers/layer-actions'
import type { CanvasStage } from '../stage/stage'
import { type Brush, LARGEST_BRUSH, setBrush, useCanvasStore } from '../state/canvas-store'
import type { CanvasSession } from '../state/session'
import { RectangleFields } from './rectangle-fields'
import type { Tool, ToolOption } from './tool'
import { TransformFields } from './transform-fields'

interface Props {
  session: CanvasSession
  stage: CanvasStage | null
  tool: Tool
}

/** The options of the tool in the hand, as it names them. */
export function ToolOptions({ session, stage, tool }: Props) {
  return tool.options.map((option) => <Option key={option} option={option} session={session} stage={stage} />)
}

function Option({ option, session, stage }: Omit<Props, 'tool'> & { option: ToolOption }) {
  if (option === 'brush') return <BrushOptions />
  if (option === 'colour') return <ColourOption />
  if (option === 'box') return <BoxOptions session={session} stage={stage} />
  if (option === 'transform') return <TransformFields session={session} />
  if (option === 'rectangle') return <RectangleFields session={session} />
  if (option === 'selection') return <SelectionOptions session={session} />
  return <ToolChoices option={option} />
}

function BrushOptions() {
  const brush = useCanvasStore((state) => state.brush)
  const percent = (key: 'hardness' | 'opacity', label: string) => (
    <Labelled label={label} room={key === 'hardness' ? 2 : 3}>
      <NumberInput
        label={label}
        value={Math.round(brush[key] * 100)}
        min={key === 'opacity' ? 1 : 0}
        max={100}
        step={5}
        whole
        suffix="%"
        className="w-18"
        onChange={(value) => setBrush({ [key]: value / 100 })}
      />
    </Labelled>
  )
  return (
    <>
      <Labelled label={t('Size')}>
        <Slider
          label={t('Size')}
          value={brush.size}
          min={1}
          max={300}
          whole
          className="w-40 max-sm:w-36"
          onChange={(size) => setBrush({ size: Math.min(LARGEST_BRUSH, size) })}
        />
      </Labelled>
      {percent('hardness', t('Hardness'))}
      {percent('opacity', t('Opacity'))}
      <Labelled label={t('Pressure')} room={4}>
        <Select
          label={t('Pressure of a pen changes')}
          value={brush.pressure === 'none' ? 'none' : 'size'}
          onChange={(pressure) => setBrush({ pressure: pressure as Brush['pressure'] })}
          choices={[
            { value: 'size', label: t('Size') },
            { value: 'none', label: t('Nothing') },
          ]}
          className="!w-24"
        />
      </Labelled>
    </>
  )
}

/** Controls that make room when the bar is short: the smaller the number, the later. */
const ROOM = {
  1: '@max-[300px]:hidden',
  2: '@max-[350px]:hidden',
  3: '@max-[485px]:hidden',
  4: '@max-[655px]:hidden',
}

interface LabelledProps {
  label: string
  room?: keyof typeof ROOM
  children: ReactNode
}

const Labelled = ({ label, room = 1, children }: LabelledProps) => (
  <div className={classes('flex shrink-0 items-center gap-2', room > 1 && ROOM[room])}>
    <span aria-hidden="true" className="text-label text-muted max-sm:hidden">
      {label}
    </span>
    {children}
  </div>
)

function ColourOption() {
  const colour = useCanvasStore((state) => state.colour)
  return (
    <label
      className="relative size-7 shrink-0 overflow-hidden rounded-control border border-line-strong focus-within:outline-2 focus-within:outline-accent sm:hidden pointer-coarse:size-11"
      style={{ background: colour }}
    >
      <input
        type="color"
        aria-label={t('Colour')}
        value={colour}
        onChange={(event) => useCanvasStore.setState({ colour: event.target.value })}
        className="size-full opacity-0"
      />
    </label>
  )
}

function BoxOptions({ session, stage }: Omit<Props, 'tool'>) {
  const fit = (to: 'layer' | 'masks' | 'canvas') => () => {
    if (fitBox(session, to)) stage?.fit()
    else
      toast({
        text: to === 'masks' ? t('Nothing is masked yet.') : t('There is nothing on it yet.'),
        lasts: 3_000,
      })
  }
  return (
    <>
      <span className="shrink-0 text-label text-muted max-sm:hidden">{t('Fit the box to')}</span>
      <Button small onClick={fit('canvas')}>
        {t('Picture')}
      </Button>
      <Button small onClick={fit('layer')}>
        {t('Layer')}
      </Button>
      <Button small onClick={fit('masks')}>
        {t('Masks')}
      </Button>
    </>
  )
}

function SelectionOptions({ session }: { session: CanvasSession }) {
  const selected = useStore(session.state, (state) => state.selection !== null)
  return (
    <>
      <Button small disabled={!selected} onClick={() => maskFromSelection(session)}>
        {t('Mask from selection')}
      </Button>
      <Button
        small
        look="quiet"
        disabled={!selected}
        onClick={() => session.state.setState({ selection: null })}
      >
        {t('Select nothing')}
      </Button>
    </>
  )
}

function ToolChoices({ option }: { option: 'tolerance' | 'lasso' | 'gradient' }) {
  const { tolerance, lasso, gradient } = useCanvasStore()
  if (option === 'tolerance')
    return (
      <Labelled label={t('Tolerance')}>
        <Slider
          label={t('Tolerance')}
          value={tolerance}
          min={0}
          max={255}
          whole
          className="w-44"
          onChange={(next) => useCanvasStore.setState({ tolerance: next })}
        />
      </Labelled>
    )
  if (option === 'lasso')
    return (
      <Segmented
        label={t('Shape of the lasso')}
        value={lasso}
        onChange={(next) => useCanvasStore.setState({ lasso: next })}
        segments={[
          { value: 'free', label: t('Free') },
          { value: 'polygon', label: t('Polygon') },
        ]}
        className="w-40 shrink-0"
      />
    )
  return (
    <Segmented
      label={t('Shape of the gradient')}
      value={gradient}
      onChange={(next) => useCanvasStore.setState({ gradient: next })}
      segments={[
        { value: 'line', label: t('Straight') },
        { value: 'circle', label: t('Round') },
      ]}
      className="w-40 shrink-0"
    />
  )
}
