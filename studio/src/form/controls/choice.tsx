import { RadioGroup } from 'radix-ui'
import { t } from '@/i18n/text'
import { classes } from '@/ui/classes'
import { Combobox } from '@/ui/combobox'
import { Select } from '@/ui/select'
import { Switch } from '@/ui/switch'
import { asText, type ControlProps } from '../control-props'

const SEARCHED_FROM = 12

/** The choices, with the value that is set though it is not among them: it must be seen to be changed. */
const withValue = (choices: string[] = [], value: string): string[] =>
  value && !choices.includes(value) ? [value, ...choices] : choices

export function SelectControl(props: ControlProps) {
  const { id, label, control, value, onChange, describedBy, invalid, disabled } = props
  const choices = withValue(control.choices, asText(value))
  if (choices.length > SEARCHED_FROM) return <SearchableControl {...props} />
  return (
    <Select
      id={id}
      label={label}
      value={asText(value)}
      onChange={onChange}
      choices={choices}
      describedBy={describedBy}
      invalid={invalid}
      disabled={disabled}
      placeholder={t('Choose…')}
    />
  )
}

export const SearchableControl = ({ control, value, ...rest }: ControlProps) => (
  <Combobox {...rest} value={asText(value)} choices={withValue(control.choices, asText(value))} />
)

const CARD =
  'flex min-h-control items-center justify-center rounded-control border border-line px-3 py-1 text-center text-body ' +
  'hover:bg-hover data-[state=checked]:border-accent data-[state=checked]:bg-accent-soft data-[state=checked]:font-medium'

/** Choices as cards that are all in view. */
export const CardsControl = ({ label, control, value, onChange, disabled }: ControlProps) => (
  <RadioGroup.Root
    aria-label={label}
    value={asText(value)}
    onValueChange={onChange}
    disabled={disabled}
    className="grid grid-cols-[repeat(auto-fill,minmax(112px,1fr))] gap-2"
  >
    {withValue(control.choices, asText(value)).map((choice) => (
      <RadioGroup.Item key={choice} value={choice} className={CARD}>
        <span className="min-w-0 break-words">{choice}</span>
      </RadioGroup.Item>
    ))}
  </RadioGroup.Root>
)

export const RadioControl = ({ label, control, value, onChange, disabled }: ControlProps) => (
  <RadioGroup.Root
    aria-label={label}
    value={asText(value)}
    onValueChange={onChange}
    disabled={disabled}
    className="flex flex-col"
  >
    {withValue(control.choices, asText(value)).map((choice) => (
      <RadioGroup.Item
        key={choice}
        value={choice}
        className="group flex min-h-7 items-center gap-2 rounded-control text-start text-body pointer-coarse:min-h-11"
      >
        <span
          aria-hidden="true"
          className={classes(
            'flex size-4 shrink-0 items-center justify-center rounded-full border border-line-strong bg-bg',
            'group-data-[state=checked]:border-accent-fill group-data-[state=checked]:bg-accent-fill',
          )}
        >
          <RadioGroup.Indicator className="size-1.5 rounded-full bg-white" />
        </span>
        {choice}
      </RadioGroup.Item>
    ))}
  </RadioGroup.Root>
)

export const SwitchControl = ({ id, label, value, onChange, describedBy, disabled }: ControlProps) => (
  <Switch
    id={id}
    label={label}
    checked={value === true || value === 'true'}
    onChange={onChange}
    describedBy={describedBy}
    disabled={disabled}
  />
)
