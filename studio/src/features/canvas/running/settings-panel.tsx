import { SeedControl } from '@/form/controls/seed'
import { PromptField } from '@/form/prompt/prompt-field'
import { useRecipeList } from '@/form/recipe-list'
import { t } from '@/i18n/text'
import { Combobox } from '@/ui/combobox'
import { Disclosure } from '@/ui/disclosure'
import { Field } from '@/ui/field'
import { NumberInput } from '@/ui/number-input'
import { Skeleton } from '@/ui/skeleton'
import { Slider } from '@/ui/slider'
import { BoxFields } from '../box/box-fields'
import { type CanvasSettings, useCanvas } from '../state/canvas-document'
import type { CanvasSession } from '../state/session'
import { MaskStart } from './mask-start'
import { ModeChip } from './mode-chip'
import { modelOf } from './recipes'

/** What is drawn, and how: beside the picture, never over it. */
export function SettingsPanel({ session }: { session: CanvasSession }) {
  const { data } = useRecipeList()
  const settings = useCanvas(session.document, (canvas) => canvas.settings)
  const model = modelOf(data, settings.model)
  const set = (label: string, change: Partial<CanvasSettings>) =>
    session.change(
      label,
      (canvas) => {
        Object.assign(canvas.settings, change)
      },
      `setting:${label}`,
    )
  return (
    <div className="flex flex-col gap-4 p-4">
      <Field label={t('Model')}>
        {({ id }) =>
          data ? (
            <Combobox
              id={id}
              label={t('Model')}
              value={model?.name ?? ''}
              choices={data.models.map((one) => ({
                value: one.name,
                label: one.title,
                detail: one.family.title,
              }))}
              onChange={(name) => set(t('Model'), { model: name, steps: 0, guidance: 0 })}
            />
          ) : (
            <Skeleton className="h-control" />
          )
        }
      </Field>
      <div data-canvas-prompt className="flex flex-col gap-3">
        <Field label={t('Prompt')}>
          {({ id }) => (
            <PromptField
              id={id}
              label={t('Prompt')}
              value={settings.prompt}
              placeholder={model?.prompt || t('What is to be in the picture')}
              onChange={(prompt) => set(t('Prompt'), { prompt })}
            />
          )}
        </Field>
        {model?.negative ? (
          <Disclosure name="canvas.negative" title={t('Negative prompt')} summary={settings.negative}>
            <PromptField
              label={t('Negative prompt')}
              value={settings.negative}
              placeholder={t('What is not to be in it')}
              onChange={(negative) => set(t('Negative prompt'), { negative })}
            />
          </Disclosure>
        ) : null}
      </div>
      <Field
        label={t('Strength')}
        help={t('How much of what is there may change. At 100 % a full box is painted anew.')}
      >
        {({ id }) => (
          <Slider
            id={id}
            label={t('Strength')}
            value={Math.round(settings.strength * 100)}
            min={5}
            max={100}
            whole
            suffix="%"
            onChange={(percent) => set(t('Strength'), { strength: percent / 100 })}
          />
        )}
      </Field>
      <div>
        <h2 className="mb-1 text-label font-medium text-muted">{t('What a run does')}</h2>
        <ModeChip session={session} wide />
        <MaskStart session={session} />
      </div>
      <Field label={t('Seed')}>
        {({ id }) => (
          <SeedControl
            id={id}
            control={{ type: 'seed' }}
            label={t('Seed')}
            value={{ seed: settings.seed, after: settings.seedFixed ? 'fixed' : 'randomize' }}
            onChange={(value) => {
              const { seed, after } = value as { seed: number; after: string }
              set(t('Seed'), { seed, seedFixed: after === 'fixed' || seed !== settings.seed })
            }}
          />
        )}
      </Field>
      <Disclosure name="canvas.box" title={t('Box')} open>
        <BoxFields session={session} />
      </Disclosure>
      <Disclosure name="canvas.sampling" title={t('Sampling')}>
        <Field label={t('Steps')} inline>
          {({ id }) => (
            <NumberInput
              id={id}
              label={t('Steps')}
              value={settings.steps || (model?.defaults.steps ?? 20)}
              min={1}
              max={150}
              whole
              className="w-24"
              onChange={(steps) => set(t('Steps'), { steps })}
            />
          )}
        </Field>
        <Field
          label={t('Guidance')}
          inline
          help={t('How closely the picture keeps to the prompt. Too much looks burnt.')}
        >
          {({ id }) => (
            <NumberInput
              id={id}
              label={t('Guidance')}
              value={settings.guidance || (model?.defaults.guidance ?? 7)}
              min={0}
              max={30}
              step={0.5}
              className="w-24"
              onChange={(guidance) => set(t('Guidance'), { guidance })}
            />
          )}
        </Field>
      </Disclosure>
    </div>
  )
}
