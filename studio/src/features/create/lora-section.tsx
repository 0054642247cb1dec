import { LorasControl } from '@/form/controls/loras'
import { useModelFiles } from '@/form/controls/model'
import { asLoras } from '@/form/loras'
import { shownNumber, t } from '@/i18n/text'
import { Disclosure } from '@/ui/disclosure'
import { LORAS } from './recipe-document'
import type { RecipeForm } from './use-recipe'

/** LoRAs with their strengths. Another number of them makes the workflow anew; a strength is just a value. */
export function LoraSection({ form }: { form: RecipeForm }) {
  const files = useModelFiles('loras')
  const loras = asLoras(form.value(LORAS, []))
  if (files.length === 0 && loras.length === 0) return null
  const on = loras.filter((lora) => lora.on)
  const change = (value: unknown) => {
    const next = asLoras(value)
    const same = next.length === loras.length && next.every((lora, at) => lora.name === loras[at]!.name)
    if (same) form.set(LORAS, next, t('LoRA'))
    else void form.remake({ values: { [LORAS]: next }, label: t('LoRAs') })
  }
  return (
    <Disclosure
      name="create.loras"
      title={t('LoRAs')}
      summary={
        on.length > 0 ? (
          <span className="text-accent">{t('{{number}} on', { number: shownNumber(on.length) })}</span>
        ) : undefined
      }
    >
      <LorasControl
        id="create-loras"
        label={t('Add a LoRA')}
        control={{ type: 'loras', folder: 'loras' }}
        value={loras}
        onChange={change}
      />
    </Disclosure>
  )
}
