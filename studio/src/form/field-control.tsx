import type { FormField } from '@/doc/form'
import { Field } from '@/ui/field'
import { controlFor } from './control-list'

export interface FieldControlProps {
  field: FormField
  value: unknown
  onChange: (value: unknown) => void
  error?: string
  disabled?: boolean
}

/** One field of a form: label, help, the control that its form asks for, and what is wrong with it. */
export function FieldControl({ field, value, onChange, error, disabled }: FieldControlProps) {
  const { component: Control, inline } = controlFor(field.control.type)
  if (!Control) return null
  return (
    <Field
      label={field.required ? `${field.label} *` : field.label}
      help={field.help}
      error={error}
      inline={inline}
    >
      {(ids) => (
        <Control
          {...ids}
          label={field.label}
          control={field.control}
          value={value ?? field.default}
          onChange={onChange}
          disabled={disabled}
        />
      )}
    </Field>
  )
}
