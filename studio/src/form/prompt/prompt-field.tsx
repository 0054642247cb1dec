import { Textarea } from '@/ui/input'

export interface PromptFieldProps {
  id?: string
  label: string
  value: string
  onChange: (value: string) => void
  describedBy?: string
  invalid?: boolean
  disabled?: boolean
  placeholder?: string
}

/** A prompt: grows from two lines to twelve. */
export const PromptField = ({ label, describedBy, invalid, ...rest }: PromptFieldProps) => (
  <Textarea
    {...rest}
    aria-label={label}
    lines={[2, 12]}
    aria-describedby={describedBy}
    aria-invalid={invalid || undefined}
  />
)
