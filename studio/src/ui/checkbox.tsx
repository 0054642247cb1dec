import { Check, Minus } from 'lucide-react'
import { Checkbox as Primitive } from 'radix-ui'
import { type ReactNode, useId } from 'react'

export interface CheckboxProps {
  checked: boolean | 'indeterminate'
  onChange: (checked: boolean) => void
  /** Beside it; without one, give `name`. */
  children?: ReactNode
  name?: string
  disabled?: boolean
}

/** One of several that can each be ticked. */
export function Checkbox({ checked, onChange, children, name, disabled }: CheckboxProps) {
  const id = useId()
  return (
    <span className="inline-flex min-h-6 items-center gap-2 pointer-coarse:min-h-11">
      <Primitive.Root
        id={id}
        checked={checked}
        onCheckedChange={(next) => onChange(next === true)}
        aria-label={name}
        disabled={disabled}
        className="flex size-4 shrink-0 items-center justify-center rounded-small border border-line-strong bg-bg text-white focus-ring disabled:opacity-45 data-[state=checked]:border-accent-fill data-[state=checked]:bg-accent-fill data-[state=indeterminate]:border-accent-fill data-[state=indeterminate]:bg-accent-fill pointer-coarse:size-5"
      >
        <Primitive.Indicator>
          {checked === 'indeterminate' ? (
            <Minus size={12} strokeWidth={3} />
          ) : (
            <Check size={12} strokeWidth={3} />
          )}
        </Primitive.Indicator>
      </Primitive.Root>
      {children ? (
        <label htmlFor={id} className="text-body">
          {children}
        </label>
      ) : null}
    </span>
  )
}
