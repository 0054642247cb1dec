import { useQuery } from '@tanstack/react-query'
import { goTo } from '@/app/navigation'
import { t } from '@/i18n/text'
import { getJson } from '@/net/api'
import { Button } from '@/ui/button'
import { Combobox } from '@/ui/combobox'
import { Field } from '@/ui/field'
import { Textarea } from '@/ui/input'
import { Select } from '@/ui/select'
import { Slider } from '@/ui/slider'
import type { ControlRecord, LayerRecord } from '../state/canvas-document'
import type { CanvasSession } from '../state/session'
import { ControlPreparation } from './control-preparation'

const BLENDS = (): { value: string; label: string }[] => [
  { value: 'source-over', label: t('Normal') },
  { value: 'multiply', label: t('Multiply') },
  { value: 'screen', label: t('Screen') },
  { value: 'overlay', label: t('Overlay') },
  { value: 'darken', label: t('Darken') },
  { value: 'lighten', label: t('Lighten') },
  { value: 'color-dodge', label: t('Colour dodge') },
  { value: 'color-burn', label: t('Colour burn') },
  { value: 'hard-light', label: t('Hard light') },
  { value: 'soft-light', label: t('Soft light') },
  { value: 'difference', label: t('Difference') },
  { value: 'exclusion', label: t('Exclusion') },
  { value: 'hue', label: t('Hue') },
  { value: 'saturation', label: t('Saturation') },
  { value: 'color', label: t('Colour') },
  { value: 'luminosity', label: t('Luminosity') },
]

interface Props {
  session: CanvasSession
  layer: LayerRecord
}

/** How the chosen layer looks, and what it tells the model. */
export function LayerProperties({ session, layer }: Props) {
  const set = (label: string, change: Partial<LayerRecord>) =>
    session.changeLayer(layer.id, label, change, label)
  return (
    <section aria-label={t('Chosen layer')} className="flex shrink-0 flex-col gap-1 border-b px-3 py-2">
      {layer.kind === 'raster' ? (
        <Select
          label={t('Blend mode')}
          value={layer.blend}
          onChange={(blend) => set(t('Blend mode'), { blend: blend as GlobalCompositeOperation })}
          choices={BLENDS()}
        />
      ) : null}
      <Field label={t('Opacity')} inline>
        {({ id }) => (
          <Slider
            id={id}
            label={t('Opacity')}
            value={Math.round(layer.opacity * 100)}
            min={0}
            max={100}
            whole
            suffix="%"
            onChange={(percent) => set(t('Layer opacity'), { opacity: percent / 100 })}
            className="w-40"
          />
        )}
      </Field>
      {layer.kind === 'mask' ? (
        <Field
          label={t('Feather')}
          inline
          help={t('How far the edge of what is painted anew fades, in pixels.')}
        >
          {({ id }) => (
            <Slider
              id={id}
              label={t('Feather')}
              value={layer.feather ?? 0}
              min={0}
              max={64}
              whole
              onChange={(feather) => set(t('Feather'), { feather })}
              className="w-40"
            />
          )}
        </Field>
      ) : null}
      {layer.kind === 'region' ? <RegionFields session={session} layer={layer} /> : null}
      {layer.kind === 'control' ? <ControlFields session={session} layer={layer} /> : null}
    </section>
  )
}

const RegionFields = ({ session, layer }: Props) => (
  <Field label={t('Prompt of this region')}>
    {({ id }) => (
      <Textarea
        id={id}
        lines={[2, 6]}
        value={layer.prompt ?? ''}
        placeholder={t('What is to be here')}
        onChange={(prompt) => session.changeLayer(layer.id, t('Prompt of the region'), { prompt }, 'prompt')}
      />
    )}
  </Field>
)

function ControlFields({ session, layer }: Props) {
  const { data = [], isSuccess } = useQuery({
    queryKey: ['models', 'controlnet'],
    queryFn: () => getJson<string[]>('/models/controlnet'),
  })
  const none = isSuccess && data.length === 0
  const control: ControlRecord = layer.control ?? { model: '', strength: 1, start: 0, end: 1 }
  const set = (change: Partial<typeof control>) =>
    session.changeLayer(layer.id, t('Control settings'), { control: { ...control, ...change } }, 'control')
  const numbers = [
    { key: 'strength', label: t('Strength'), max: 2 },
    { key: 'start', label: t('From'), max: 1 },
    { key: 'end', label: t('Until'), max: 1 },
  ] as const
  return (
    <>
      <Field label={t('Control model')}>
        {({ id, describedBy }) => (
          <Combobox
            id={id}
            describedBy={describedBy}
            label={t('Control model')}
            value={control.model}
            choices={data}
            disabled={data.length === 0}
            onChange={(model) => set({ model })}
          />
        )}
      </Field>
      {none ? (
        <p className="text-label text-muted">
          {t('There is no control model on the server yet. Without one this layer does nothing.')}
        </p>
      ) : null}
      {none ? (
        <Button small className="self-start" onClick={() => goTo('models')}>
          {t('Add one in Models')}
        </Button>
      ) : null}
      <ControlPreparation value={control.preparation} onChange={(preparation) => set({ preparation })} />
      {numbers.map(({ key, label, max }) => (
        <Field key={key} label={label} inline>
          {({ id }) => (
            <Slider
              id={id}
              label={label}
              value={control[key]}
              min={0}
              max={max}
              step={0.05}
              onChange={(value) => set({ [key]: value })}
              className="w-40"
            />
          )}
        </Field>
      ))}
    </>
  )
}
