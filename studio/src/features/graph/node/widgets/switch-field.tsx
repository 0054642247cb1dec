import { t } from '@/i18n/text'
import { Switch } from '@/ui/switch'
import type { WidgetFieldProps } from '../widget-row'

/** On or off. */
export function SwitchField({ box, value, write, name }: WidgetFieldProps) {
  const { label_on: on, label_off: off } = box.input.settings
  const said =
    value === true ? (typeof on === 'string' ? on : t('on')) : typeof off === 'string' ? off : t('off')
  return (
    <div className="graph-field !pe-1.5">
      <span className="name">{box.label}</span>
      <span className="value">{said}</span>
      <Switch checked={value === true} onChange={write} label={name} />
    </div>
  )
}
