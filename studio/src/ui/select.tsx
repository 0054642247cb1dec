import { Check, ChevronDown } from 'lucide-react'
import { Select as Primitive } from 'radix-ui'
import { classes } from './classes'
import { CONTROL } from './input'

export interface Choice {
  value: string
  label?: string
  disabled?: boolean
}

export interface SelectProps {
  id?: string
  value: string
  onChange: (value: string) => void
  choices: readonly (Choice | string)[]
  label?: string
  describedBy?: string
  invalid?: boolean
  disabled?: boolean
  placeholder?: string
  className?: string
}

/** One of a few. For long lists use Combobox, which searches. */
export function Select({
  id,
  value,
  onChange,
  choices,
  label,
  describedBy,
  invalid,
  disabled,
  placeholder,
  className,
}: SelectProps) {
  return (
    <Primitive.Root value={value} onValueChange={onChange} disabled={disabled}>
      <Primitive.Trigger
        id={id}
        aria-label={label}
        aria-describedby={describedBy}
        aria-invalid={invalid || undefined}
        className={classes(CONTROL, 'flex h-control items-center gap-2 px-2 text-start', className)}
      >
        <span className="min-w-0 flex-1 truncate">
          <Primitive.Value placeholder={placeholder} />
        </span>
        <ChevronDown size={14} className="shrink-0 text-faint" aria-hidden="true" />
      </Primitive.Trigger>
      <Primitive.Portal>
        <Primitive.Content
          position="popper"
          sideOffset={4}
          collisionPadding={8}
          className="z-50 max-h-(--radix-select-content-available-height) min-w-(--radix-select-trigger-width) overflow-hidden rounded-card border bg-overlay shadow-menu"
        >
          <Primitive.Viewport className="p-1">
            {choices.map(asChoice).map((choice) => (
              <Primitive.Item
                key={choice.value}
                value={choice.value}
                disabled={choice.disabled}
                className="flex h-control items-center gap-2 rounded-control ps-2 pe-3 text-body outline-none select-none data-[disabled]:opacity-45 data-[highlighted]:bg-hover"
              >
                <Primitive.ItemIndicator className="order-last ms-auto text-accent">
                  <Check size={14} />
                </Primitive.ItemIndicator>
                <Primitive.ItemText>{choice.label ?? choice.value}</Primitive.ItemText>
              </Primitive.Item>
            ))}
          </Primitive.Viewport>
        </Primitive.Content>
      </Primitive.Portal>
    </Primitive.Root>
  )
}

const asChoice = (choice: Choice | string): Choice =>
  typeof choice === 'string' ? { value: choice } : choice
