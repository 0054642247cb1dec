import { Input, Textarea } from '@/ui/input'
import { asText, type ControlProps } from '../control-props'

export const LineControl = ({ id, value, onChange, describedBy, invalid, disabled }: ControlProps) => (
  <Input
    id={id}
    value={asText(value)}
    onChange={onChange}
    aria-describedby={describedBy}
    aria-invalid={invalid || undefined}
    disabled={disabled}
  />
)

export const AreaControl = ({ id, value, onChange, describedBy, invalid, disabled }: ControlProps) => (
  <Textarea
    id={id}
    value={asText(value)}
    onChange={onChange}
    lines={[3, 12]}
    aria-describedby={describedBy}
    aria-invalid={invalid || undefined}
    disabled={disabled}
  />
)
