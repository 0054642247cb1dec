import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { MODELS } from '@/app/jobs'
import type { InputDefinition } from '@/doc/definitions'
import { shownNumber, t } from '@/i18n/text'
import { getJson } from '@/net/api'
import { useDefinitions } from '@/net/definitions'
import { Button } from '@/ui/button'
import { Combobox } from '@/ui/combobox'
import { Field } from '@/ui/field'
import { Input } from '@/ui/input'
import type { ModelCard, ModelDetails } from './model-data'
import { numberOf, type Recommended, SETTINGS, withSetting } from './recommended'

interface Drawing {
  name: string
  kind: string
  defaults: Record<string, number | string>
}

export interface RecommendedSettingsProps {
  details: ModelDetails
  settings: Recommended
  onChange: (settings: NonNullable<ModelCard['settings']>) => void
}

/** What the model draws well with, as people know it; Create begins with it when the model is chosen. */
export function RecommendedSettings({ details, settings, onChange }: RecommendedSettingsProps) {
  const { data: usual } = useQuery({
    queryKey: [...MODELS, 'recipes'],
    queryFn: () => getJson<{ models: Drawing[] }>('/limner/recipes'),
    select: ({ models }) =>
      models.find(({ name, kind }) => name === details.name && kind === details.kind)?.defaults,
  })
  const { definitions } = useDefinitions()
  if (!usual) return null
  const input = (name: string): InputDefinition | undefined =>
    [...(definitions?.values() ?? [])]
      .flatMap((definition) => definition.inputs)
      .find((entry) => entry.name === name && entry.options)
  return (
    <fieldset className="flex flex-col gap-3">
      <legend className="mb-2 flex w-full items-center text-label font-medium text-muted">
        <span className="flex-1">{t('Recommended settings')}</span>
        {Object.keys(settings).length > 0 ? (
          <Button look="quiet" small onClick={() => onChange({})}>
            {t('As usual')}
          </Button>
        ) : null}
      </legend>
      <div className="grid grid-cols-2 gap-2">
        {SETTINGS.map((setting) => {
          const value = settings[setting.role]
          const change = (next: string | number | undefined) =>
            onChange(withSetting(settings, setting.role, next))
          return (
            <Field key={setting.role} label={setting.label()}>
              {({ id }) =>
                setting.list ? (
                  <Combobox
                    id={id}
                    label={setting.label()}
                    value={String(value ?? usual[setting.usual] ?? '')}
                    onChange={(next) => change(next === usual[setting.usual] && !value ? undefined : next)}
                    choices={(input(setting.list)?.options ?? []).map(String)}
                  />
                ) : (
                  <Figure
                    key={String(value)}
                    id={id}
                    value={value === undefined ? '' : String(value)}
                    placeholder={shownNumber(Number(usual[setting.usual]), { useGrouping: false })}
                    onSave={(text) => change(numberOf(text, setting))}
                  />
                )
              }
            </Field>
          )
        })}
      </div>
      <p className="text-label text-faint">{t('Create begins with these when the model is chosen.')}</p>
    </fieldset>
  )
}

interface FigureProps {
  id: string
  value: string
  placeholder: string
  onSave: (text: string) => void
}

function Figure({ value, onSave, ...rest }: FigureProps) {
  const [text, setText] = useState(value)
  return (
    <Input
      {...rest}
      inputMode="decimal"
      value={text}
      onChange={setText}
      onBlur={() => text !== value && onSave(text)}
    />
  )
}
