/** What elements and controls of a form are called. */
import type { ControlType, FormElement, FormField } from '@/doc/form'
import { t } from '@/i18n/text'

export const elementNames = (): Record<FormElement['kind'], string> => ({
  field: t('Field'),
  heading: t('Heading'),
  text: t('Text'),
  divider: t('Line'),
  picture: t('Picture'),
  row: t('Row'),
  column: t('Column'),
  section: t('Section'),
  tab: t('Tab'),
})

export const controlNames = (): Record<ControlType, string> => ({
  line: t('One line'),
  area: t('Several lines'),
  prompt: t('Prompt'),
  number: t('Number'),
  slider: t('Slider'),
  both: t('Slider and number'),
  stepper: t('Stepper'),
  dice: t('Number with dice'),
  select: t('List'),
  radio: t('All choices'),
  searchable: t('Searched list'),
  cards: t('Cards'),
  switch: t('Switch'),
  image: t('Picture'),
  mask: t('Mask'),
  color: t('Colour'),
  size: t('Size'),
  seed: t('Seed'),
  loras: t('LoRAs'),
  model: t('Model'),
  file: t('File'),
  hidden: t('Hidden'),
})

const ALIKE: ControlType[][] = [
  ['line', 'area', 'prompt', 'select', 'color'],
  ['number', 'slider', 'both', 'stepper', 'dice', 'seed'],
  ['select', 'radio', 'searchable', 'cards', 'model'],
  ['switch'],
  ['image', 'mask', 'file'],
  ['size'],
  ['seed', 'number', 'dice'],
  ['loras', 'searchable', 'select'],
  ['model', 'searchable', 'select'],
]

/** The controls that a field may have beside its own. */
export function alikeControls(field: FormField): ControlType[] {
  const own = field.control.type
  const group = ALIKE.find((kinds) => kinds[0] === own) ?? ALIKE.find((kinds) => kinds.includes(own)) ?? []
  return [...new Set<ControlType>([own, ...group, 'hidden'])]
}
