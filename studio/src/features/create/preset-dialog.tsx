import { useState } from 'react'
import { t } from '@/i18n/text'
import { Checkbox } from '@/ui/checkbox'
import { NameDialog } from './name-dialog'
import type { Preset } from './presets'
import { LORAS } from './recipe-document'
import { roleName, shownRole } from './role-names'
import type { RecipeForm } from './use-recipe'

const OFFERED = [
  'prompt.negative',
  'size.width',
  'size.height',
  'sampler.steps',
  'sampler.cfg',
  'sampler.guidance',
  'sampler.name',
  'sampler.scheduler',
  'sampler.denoise',
  'batch.count',
  'refine.factor',
  'refine.strength',
  'refine.steps',
  'output.format',
  'output.quality',
  LORAS,
]

export interface PresetDialogProps {
  form: RecipeForm
  onDone: (preset: Preset) => void
  onClose: () => void
}

/** Keeps some of the form's values under a name. What differs from the model's own is ticked at first. */
export function PresetDialog({ form, onDone, onClose }: PresetDialogProps) {
  const offered = OFFERED.filter((role) => form.has(role) && !isEmpty(form.value<unknown>(role, '')))
  const [taken, setTaken] = useState<string[]>(() => offered.filter((role) => differs(role, form)))
  const toggle = (role: string, on: boolean) =>
    setTaken(on ? [...taken, role] : taken.filter((other) => other !== role))
  return (
    <NameDialog
      title={t('Save a preset')}
      label={t('Name of the preset')}
      onClose={onClose}
      onName={(name) =>
        onDone({
          name,
          values: Object.fromEntries(taken.map((role) => [role, form.value<unknown>(role, '')])),
        })
      }
    >
      <fieldset className="flex flex-col">
        <legend className="mb-1 text-label font-medium text-muted">{t('What it keeps')}</legend>
        {offered.map((role) => (
          <Checkbox key={role} checked={taken.includes(role)} onChange={(on) => toggle(role, on)}>
            {t('{{role}}: {{value}}', {
              role: roleName(role),
              value: shownRole(form.value<unknown>(role, '')),
            })}
          </Checkbox>
        ))}
      </fieldset>
    </NameDialog>
  )
}

const isEmpty = (value: unknown): boolean => value === '' || (Array.isArray(value) && value.length === 0)

function differs(role: string, form: RecipeForm): boolean {
  const { defaults } = form.model ?? {}
  const usual: Record<string, unknown> = {
    'size.width': defaults?.width,
    'size.height': defaults?.height,
    'sampler.steps': defaults?.steps,
    'sampler.cfg': defaults?.guidance,
    'sampler.guidance': defaults?.guidance,
    'sampler.name': defaults?.sampler,
    'sampler.scheduler': defaults?.schedule,
    'sampler.denoise': form.task === 'text' ? 1 : undefined,
    'batch.count': 1,
  }
  return usual[role] !== form.value<unknown>(role, '')
}
