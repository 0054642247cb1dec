import { asText, type ControlProps } from '../control-props'
import { PromptField } from './prompt-field'

export const PromptControl = ({
  id,
  label,
  value,
  onChange,
  describedBy,
  invalid,
  disabled,
}: ControlProps) => (
  <PromptField
    id={id}
    label={label}
    value={asText(value)}
    onChange={onChange}
    describedBy={describedBy}
    invalid={invalid}
    disabled={disabled}
  />
)
