import { Plus, Trash2 } from 'lucide-react'
import { t } from '@/i18n/text'
import { IconButton } from '@/ui/button'
import { Combobox } from '@/ui/combobox'
import { Slider } from '@/ui/slider'
import { Switch } from '@/ui/switch'
import type { ControlProps } from '../control-props'
import { asLoras, type Lora } from '../loras'
import { shownFile, useModelFiles } from './model'

/** LoRAs as cards: which, how strong, on or off. */
export function LorasControl({ id, label, control, value, onChange, disabled }: ControlProps) {
  const files = useModelFiles(control.folder ?? 'loras')
  const loras = asLoras(value)
  const known = control.choices?.length ? control.choices : files
  const left = known.filter((file) => !loras.some((lora) => lora.name === file))
  const change = (at: number, part: Partial<Lora>) =>
    onChange(loras.map((lora, other) => (other === at ? { ...lora, ...part } : lora)))
  return (
    <div className="flex flex-col gap-2">
      {loras.map((lora, at) => (
        <div key={lora.name} className="rounded-control border p-2 ps-3">
          <div className="flex items-center gap-2">
            <span className="min-w-0 flex-1 truncate text-body" title={lora.name}>
              {shownFile(lora.name)}
            </span>
            <Switch
              label={t('Use {{name}}', { name: shownFile(lora.name) })}
              checked={lora.on}
              onChange={(on) => change(at, { on })}
              disabled={disabled}
            />
            <IconButton
              label={t('Remove {{name}}', { name: shownFile(lora.name) })}
              small
              disabled={disabled}
              onClick={() => onChange(loras.filter((_, other) => other !== at))}
            >
              <Trash2 size={14} />
            </IconButton>
          </div>
          <Slider
            label={t('Strength of {{name}}', { name: shownFile(lora.name) })}
            value={lora.strength}
            onChange={(strength) => change(at, { strength })}
            min={control.min ?? -1}
            max={control.max ?? 2}
            step={control.step ?? 0.05}
            disabled={disabled || !lora.on}
          />
        </div>
      ))}
      {known.length === 0 ? (
        <p className="text-label text-faint">{t('No LoRA is installed.')}</p>
      ) : (
        <div className="flex items-center gap-2 text-muted">
          <Plus size={16} aria-hidden="true" className="shrink-0" />
          <Combobox
            id={id}
            label={label}
            value=""
            placeholder={t('Add a LoRA')}
            choices={left.map((file) => ({ value: file, label: shownFile(file) }))}
            onChange={(name) => onChange([...loras, { name, strength: 1, on: true }])}
            disabled={disabled || left.length === 0}
          />
        </div>
      )}
    </div>
  )
}
