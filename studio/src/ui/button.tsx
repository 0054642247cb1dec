import type { ButtonHTMLAttributes, ReactNode, Ref } from 'react'
import { classes } from './classes'
import { Tooltip } from './tooltip'

type Look = 'primary' | 'plain' | 'quiet' | 'danger'

const LOOKS: Record<Look, string> = {
  primary:
    'bg-accent-fill text-white hover:brightness-110 active:brightness-95 border-transparent font-medium',
  plain: 'bg-raised border-line hover:bg-hover active:bg-press',
  quiet: 'border-transparent text-muted hover:text-text hover:bg-hover active:bg-press',
  danger: 'bg-danger text-white hover:brightness-110 border-transparent font-medium',
}

const SHAPE =
  'inline-flex items-center justify-center gap-2 rounded-control border text-body whitespace-nowrap select-none ' +
  'transition-[background-color,color,filter] duration-120 disabled:opacity-45 disabled:cursor-not-allowed'

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: Look
  /** Smaller than the controls around it. */
  small?: boolean
  icon?: ReactNode
  ref?: Ref<HTMLButtonElement>
}

/** A button with words. One `primary` a screen. */
export function Button({ look = 'plain', small, icon, className, children, ...rest }: ButtonProps) {
  const size = small ? 'h-7 px-2 text-label pointer-coarse:h-9' : 'h-control px-3'
  return (
    <button type="button" {...rest} className={classes(SHAPE, size, LOOKS[look], className)}>
      {icon}
      {children}
    </button>
  )
}

export interface IconButtonProps extends Omit<ButtonProps, 'children' | 'icon'> {
  /** Its name, for screen readers and as a tooltip. */
  label: string
  /** Keys that do the same, shown in the tooltip. */
  keys?: string
  /** Pressed or not, for buttons that switch something. */
  pressed?: boolean
  side?: 'top' | 'bottom' | 'left' | 'right'
  children: ReactNode
}

/** A button that is an icon; its name is its tooltip. */
export function IconButton({
  label,
  keys,
  pressed,
  look = 'quiet',
  small,
  side,
  className,
  children,
  ...rest
}: IconButtonProps) {
  const size = small ? 'size-7 pointer-coarse:size-9' : 'size-control'
  return (
    <Tooltip label={label} keys={keys} side={side}>
      <button
        type="button"
        aria-label={label}
        aria-pressed={pressed}
        {...rest}
        className={classes(
          SHAPE,
          size,
          'shrink-0 px-0',
          LOOKS[look],
          pressed && '!bg-accent-soft !text-accent',
          className,
        )}
      >
        {children}
      </button>
    </Tooltip>
  )
}
