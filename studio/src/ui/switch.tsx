import { Switch as Primitive } from 'radix-ui'

export interface SwitchProps {
  id?: string
  checked: boolean
  onChange: (checked: boolean) => void
  label?: string
  describedBy?: string
  disabled?: boolean
}

/** On or off, at once. */
export function Switch({ id, checked, onChange, label, describedBy, disabled }: SwitchProps) {
  return (
    <Primitive.Root
      id={id}
      checked={checked}
      onCheckedChange={onChange}
      aria-label={label}
      aria-describedby={describedBy}
      disabled={disabled}
      className="relative h-5 w-9 shrink-0 rounded-full border border-line-strong bg-bg transition-colors duration-120 focus-ring disabled:opacity-45 data-[state=checked]:border-accent-fill data-[state=checked]:bg-accent-fill pointer-coarse:h-7 pointer-coarse:w-12"
    >
      <Primitive.Thumb className="block size-3.5 translate-x-0.5 rounded-full bg-line-strong transition-transform duration-120 data-[state=checked]:translate-x-4.5 data-[state=checked]:bg-white rtl:-translate-x-0.5 rtl:data-[state=checked]:-translate-x-4.5 pointer-coarse:size-5.5 pointer-coarse:data-[state=checked]:translate-x-5.5" />
    </Primitive.Root>
  )
}
