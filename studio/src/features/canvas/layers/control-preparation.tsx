import { t } from '@/i18n/text'
import { useDefinitions } from '@/net/definitions'
import { Field } from '@/ui/field'
import { Select } from '@/ui/select'
import { choicesOf, preparersOf } from '../running/preparing'
import type { Preparation } from '../state/canvas-document'

const AS_IT_IS = 'as-it-is'

interface Props {
  value: Preparation | undefined
  onChange: (value: Preparation | undefined) => void
}

/** What is made of the layer's picture before the control model reads it. */
export function ControlPreparation({ value, onChange }: Props) {
  const { definitions } = useDefinitions()
  const nodes = definitions ? preparersOf(definitions) : []
  const chosen = nodes.find((node) => node.type === value?.node)
  if (nodes.length === 0) return null
  return (
    <>
      <Field
        label={t('Prepare the picture')}
        help={t('What the control model reads is made from the layer: its edges, its depth, a pose.')}
      >
        {({ id, describedBy }) => (
          <Select
            id={id}
            describedBy={describedBy}
            label={t('Prepare the picture')}
            value={chosen?.type ?? AS_IT_IS}
            onChange={(node) => onChange(node === AS_IT_IS ? undefined : { node })}
            choices={[
              { value: AS_IT_IS, label: t('As it is') },
              ...nodes.map((node) => ({ value: node.type, label: node.title })),
            ]}
          />
        )}
      </Field>
      {chosen
        ? choicesOf(chosen).map((input) => (
            <Field key={input.name} label={input.name} inline>
              {({ id }) => (
                <Select
                  id={id}
                  label={input.name}
                  value={String(value?.values?.[input.name] ?? input.settings.default ?? input.options?.[0])}
                  onChange={(option) =>
                    onChange({ node: chosen.type, values: { ...value?.values, [input.name]: option } })
                  }
                  choices={(input.options ?? []).map(String)}
                  className="w-40"
                />
              )}
            </Field>
          ))
        : null}
    </>
  )
}
