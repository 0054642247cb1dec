import { ArrowLeftRight, RotateCcw } from 'lucide-react'
import { t } from '@/i18n/text'
import { IconButton } from '@/ui/button'
import { classes } from '@/ui/classes'
import { chooseTool, useCanvasStore } from '../state/canvas-store'
import { tools } from './tool'

/** The tools, one column; a row at the foot of a phone. */
export function ToolColumn() {
  const chosen = useCanvasStore((state) => state.tool)
  return (
    <div
      role="toolbar"
      aria-label={t('Tools')}
      aria-orientation="vertical"
      className="flex w-11 shrink-0 flex-col items-center gap-0.5 overflow-y-auto border-e bg-surface py-1.5 sm:pointer-coarse:w-14 max-sm:w-full max-sm:flex-row max-sm:justify-around max-sm:overflow-x-auto max-sm:border-e-0 max-sm:border-t max-sm:px-2 max-sm:py-1"
    >
      {tools.map((tool) => (
        <IconButton
          key={tool.id}
          label={tool.label()}
          keys={tool.keys.toUpperCase()}
          side="right"
          pressed={tool.id === chosen}
          onClick={() => chooseTool(tool.id)}
          className={classes('!size-9 pointer-coarse:!size-11', !tool.phone && 'max-sm:hidden')}
        >
          <tool.icon size={18} strokeWidth={1.5} aria-hidden="true" />
        </IconButton>
      ))}
      <Colours />
    </div>
  )
}

/** Colour to paint with and the one behind it. */
function Colours() {
  const colour = useCanvasStore((state) => state.colour)
  const back = useCanvasStore((state) => state.backColour)
  return (
    <div className="mt-2 flex flex-col items-center gap-1 border-t pt-2 max-sm:hidden">
      <div className="relative size-9">
        <Swatch
          label={t('Background colour')}
          value={back}
          onChange={(backColour) => useCanvasStore.setState({ backColour })}
          className="end-0 bottom-0"
        />
        <Swatch
          label={t('Colour')}
          value={colour}
          onChange={(next) => useCanvasStore.setState({ colour: next })}
          className="start-0 top-0"
        />
      </div>
      <div className="flex">
        <IconButton
          label={t('Swap colours')}
          keys="X"
          small
          side="right"
          onClick={swapColours}
          className="!size-6"
        >
          <ArrowLeftRight size={12} aria-hidden="true" />
        </IconButton>
      </div>
      <IconButton
        label={t('Black and white')}
        keys="D"
        small
        side="right"
        onClick={resetColours}
        className="!size-6"
      >
        <RotateCcw size={12} aria-hidden="true" />
      </IconButton>
    </div>
  )
}

interface SwatchProps {
  label: string
  value: string
  onChange: (value: string) => void
  className?: string
}

const Swatch = ({ label, value, onChange, className }: SwatchProps) => (
  <label
    className={classes(
      'absolute size-6 cursor-pointer overflow-hidden rounded-small border border-white shadow-[0_0_0_1px_var(--line-strong)] focus-within:outline-2 focus-within:outline-offset-2 focus-within:outline-accent',
      className,
    )}
    style={{ background: value }}
    title={label}
  >
    <input
      type="color"
      aria-label={label}
      value={value}
      onChange={(event) => onChange(event.target.value)}
      className="size-full cursor-pointer opacity-0"
    />
  </label>
)

export const swapColours = () =>
  useCanvasStore.setState(({ colour, backColour }) => ({ colour: backColour, backColour: colour }))

export const resetColours = () => useCanvasStore.setState({ colour: '#000000', backColour: '#ffffff' })
