import { memo } from 'react'
import type { NodeDefinition } from '@/doc/definitions'
import { DYNAMIC_COMBO } from '@/doc/definitions'
import { hasControl, isUpload } from '@/doc/widget-reading'
import { t } from '@/i18n/text'
import { useNodeRefusals } from '../running/node-run'
import { isArea, type WidgetBox } from '../state/geometry'
import { useLinkSource } from '../state/links'
import { useNode } from '../state/scope'
import { useValue, useWriter } from '../state/values'
import { ChoiceField } from './widgets/choice-field'
import { ColourField } from './widgets/colour-field'
import { NumberField } from './widgets/number-field'
import { SeedField } from './widgets/seed-field'
import { SwitchField } from './widgets/switch-field'
import { AreaField, TextField } from './widgets/text-field'
import { UploadField } from './widgets/upload-field'

export interface WidgetRowProps {
  id: string
  box: WidgetBox
  definition: NodeDefinition | undefined
}

export interface WidgetFieldProps extends WidgetRowProps {
  value: unknown
  write: (value: unknown) => void
  /** Its name for screen readers: field and node. */
  name: string
  problem: string
}

/** One widget of a node, at its place. */
export const WidgetRow = memo(function WidgetRow({ id, box, definition }: WidgetRowProps) {
  return (
    <div
      className="graph-row nodrag nopan"
      style={{ top: box.y, height: box.height }}
      data-widget-row={box.name}
    >
      {box.linked ? <LinkedField id={id} box={box} /> : <Widget id={id} box={box} definition={definition} />}
    </div>
  )
})

/** A widget's control, wherever it stands: in the node, or in the outline. */
export function Widget({ id, box, definition }: WidgetRowProps) {
  const value = useValue(id, box, definition)
  const write = useWriter(id, box, definition)
  const title = useNode(id, (node) => node.title || definition?.title || node.type)
  const refusals = useNodeRefusals(id)
  const problem = refusals.find((refusal) => refusal.input === box.name)?.message ?? ''
  const Field = fieldFor(box, value)
  const name = t('{{field}} of {{node}}', { field: box.label, node: title ?? '' })
  return (
    <Field
      id={id}
      box={box}
      definition={definition}
      value={value}
      write={write}
      name={name}
      problem={problem}
    />
  )
}

function fieldFor({ input }: WidgetBox, value: unknown) {
  if (input.type === 'COLOR') return ColourField
  if (isUpload(input)) return UploadField
  if (input.type === 'COMBO' || input.type === DYNAMIC_COMBO) return ChoiceField
  if (input.type === 'BOOLEAN' || typeof value === 'boolean') return SwitchField
  if (hasControl(input) && input.type === 'INT') return SeedField
  if (input.type === 'INT' || input.type === 'FLOAT' || typeof value === 'number') return NumberField
  if (isArea(input) || (typeof value === 'string' && value.includes('\n'))) return AreaField
  return TextField
}

/** A widget whose value comes over a link. */
function LinkedField({ id, box }: { id: string; box: WidgetBox }) {
  const source = useLinkSource(id, box.slot)
  return (
    <div className="flex h-6.5 items-center gap-2 px-1 text-label">
      <span className="truncate text-muted">{box.label}</span>
      <span className="ms-auto truncate text-faint">
        {source ? t('from {{source}}', { source }) : t('from outside')}
      </span>
    </div>
  )
}
