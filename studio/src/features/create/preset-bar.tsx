import { ArrowUp, Ellipsis, Plus } from 'lucide-react'
import { useState } from 'react'
import { edit } from '@/app/documents'
import { t } from '@/i18n/text'
import { Button, IconButton } from '@/ui/button'
import { Disclosure } from '@/ui/disclosure'
import { Menu } from '@/ui/menu'
import { Switch } from '@/ui/switch'
import { toast, toastUndo } from '@/ui/toasts'
import { PresetDialog } from './preset-dialog'
import { keepPresets, overlay, type Preset, presetsOn, switchPresets, usePresets } from './presets'
import { roleName, shownRole } from './role-names'
import type { RecipeForm } from './use-recipe'

/** Presets that can be laid over the form: on or off, in an order, each with what it changes. */
export function PresetBar({ form }: { form: RecipeForm }) {
  const presets = usePresets()
  const [naming, setNaming] = useState(false)
  const on = presetsOn(form.workflow)
  const change = (names: string[]) =>
    edit(form.document, { label: t('Presets') }, (draft) => switchPresets(draft, names))
  const keep = (next: Preset[]) =>
    keepPresets(next).catch((error: Error) => toast({ text: error.message, tone: 'err' }))
  const bake = (preset: Preset) => {
    const loras = preset.values['lora.list']
    const label = t('Bake in {{name}}', { name: preset.name })
    if (loras) void form.remake({ values: preset.values, label })
    else form.setMany(preset.values, label)
    change(on.filter((name) => name !== preset.name))
  }
  const remove = (preset: Preset) => {
    void keep(presets.filter((one) => one !== preset))
    toastUndo(t('Deleted the preset {{name}}.', { name: preset.name }), () => void keep(presets))
  }
  const ordered = [
    ...on.flatMap((name) => presets.filter((one) => one.name === name)),
    ...presets.filter((one) => !on.includes(one.name)),
  ]
  return (
    <Disclosure
      name="create.presets"
      title={t('Presets')}
      summary={on.length > 0 ? <span className="text-accent">{on.join(', ')}</span> : undefined}
    >
      {ordered.map((preset) => (
        <PresetRow
          key={preset.name}
          preset={preset}
          on={on.includes(preset.name)}
          first={on[0] === preset.name}
          onSwitch={(next) => change(next ? [...on, preset.name] : on.filter((name) => name !== preset.name))}
          onEarlier={() => change(earlier(on, preset.name))}
          onBake={() => bake(preset)}
          onRemove={() => remove(preset)}
        />
      ))}
      {presets.length === 0 ? (
        <p className="text-label text-muted">
          {t('A preset keeps some of the settings under a name and lays them over the form.')}
        </p>
      ) : null}
      <Button
        look="quiet"
        icon={<Plus size={16} aria-hidden="true" />}
        className="!justify-start"
        onClick={() => setNaming(true)}
      >
        {t('Save settings as a preset…')}
      </Button>
      {naming ? (
        <PresetDialog
          form={form}
          onDone={(preset) => void keep([...presets.filter((one) => one.name !== preset.name), preset])}
          onClose={() => setNaming(false)}
        />
      ) : null}
    </Disclosure>
  )
}

const earlier = (on: string[], name: string): string[] => {
  const at = on.indexOf(name)
  return at < 1 ? on : [...on.slice(0, at - 1), name, on[at - 1]!, ...on.slice(at + 1)]
}

interface PresetRowProps {
  preset: Preset
  on: boolean
  first: boolean
  onSwitch: (on: boolean) => void
  onEarlier: () => void
  onBake: () => void
  onRemove: () => void
}

function PresetRow({ preset, on, first, onSwitch, onEarlier, onBake, onRemove }: PresetRowProps) {
  const { name, values } = preset
  const changes = Object.entries(overlay([preset], [name]))
    .map(([role, value]) => `${roleName(role)}: ${shownRole(value)}`)
    .join(' · ')
  return (
    <div className="flex items-center gap-2">
      <Switch label={t('Use {{name}}', { name })} checked={on} onChange={onSwitch} />
      <div className="min-w-0 flex-1">
        <p className="truncate text-body">{name}</p>
        <p className="truncate text-label text-faint" title={changes}>
          {changes}
        </p>
      </div>
      {on && !first ? (
        <IconButton label={t('Apply {{name}} earlier', { name })} small onClick={onEarlier}>
          <ArrowUp size={14} />
        </IconButton>
      ) : null}
      <Menu
        align="end"
        trigger={
          <IconButton label={t('What to do with {{name}}', { name })} small>
            <Ellipsis size={14} />
          </IconButton>
        }
        entries={[
          { label: t('Bake into the form'), disabled: Object.keys(values).length === 0, onSelect: onBake },
          'line',
          { label: t('Delete'), danger: true, onSelect: onRemove },
        ]}
      />
    </div>
  )
}
