import { NumberInput } from '@/ui/number-input'
import { Slider } from '@/ui/slider'
import { asNumber, type ControlProps, sliderRange } from '../control-props'

export const NumberControl = ({ id, label, control, value, onChange, ...rest }: ControlProps) => (
  <NumberInput
    {...rest}
    id={id}
    label={label}
    value={asNumber(value, control.min ?? 0)}
    onChange={onChange}
    min={control.min}
    max={control.max}
    step={control.step}
    whole={control.whole}
  />
)

/** The slider alone. */
export const SliderControl = (props: ControlProps) => <Slide {...props} bare />

/** The slider with its number. */
export const BothControl = (props: ControlProps) => <Slide {...props} />

function Slide({ control, value, invalid: _, ...rest }: ControlProps & { bare?: boolean }) {
  const number = asNumber(value, control.min ?? 0)
  const [min, max, step] = sliderRange(control, number)
  return <Slider {...rest} value={number} min={min} max={max} step={step} whole={control.whole} />
}
