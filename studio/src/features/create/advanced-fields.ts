/** The fields that are seldom changed, by group, with what is usual for each. */
import type { Control } from '@/doc/form'
import type { DrawingModel } from '@/form/recipe-list'
import { t } from '@/i18n/text'

export interface AdvancedField {
  role: string
  label: string
  help: string
  control: Control
  /** The value that counts as not changed. */
  usual?: (model: DrawingModel | undefined) => unknown
  /** Another value is another graph, so the workflow is made anew. */
  remakes?: boolean
  /** The group shows it in a way of its own. */
  elsewhere?: boolean
}

export interface AdvancedGroup {
  id: string
  title: string
  fields: AdvancedField[]
}

/** The groups of a task; fields that a recipe has no place for are left out by whoever shows them. */
export const advancedGroups = (task: string): AdvancedGroup[] => [
  { id: 'sampling', title: t('Sampling'), fields: samplingFields() },
  ...(task === 'inpaint' || task === 'outpaint'
    ? [{ id: 'mask', title: t('Mask'), fields: maskFields() }]
    : []),
  ...(task === 'upscale' ? [{ id: 'upscale', title: t('Enlarging'), fields: upscaleFields() }] : []),
  ...(task === 'text' ? [{ id: 'refine', title: t('Second pass'), fields: refineFields() }] : []),
  { id: 'output', title: t('Output'), fields: outputFields() },
]

const samplingFields = (): AdvancedField[] => [
  {
    role: 'sampler.steps',
    label: t('Steps'),
    help: t('How often the picture is worked over. More steps take longer and add detail up to a point.'),
    control: { type: 'both', min: 1, max: 60, step: 1, whole: true },
    usual: (model) => model?.defaults.steps,
  },
  {
    role: 'sampler.cfg',
    label: t('Guidance'),
    help: t('How strictly the prompt is followed. Too high makes colours harsh.'),
    control: { type: 'both', min: 0, max: 20, step: 0.1 },
    usual: (model) => model?.defaults.guidance,
  },
  {
    role: 'sampler.guidance',
    label: t('Guidance'),
    help: t('How strictly the prompt is followed. Too high makes colours harsh.'),
    control: { type: 'both', min: 0, max: 20, step: 0.1 },
    usual: (model) => model?.defaults.guidance,
  },
  {
    role: 'sampler.name',
    label: t('Sampler'),
    help: t('The way from noise to a picture. Some need fewer steps, some add noise of their own.'),
    control: { type: 'searchable' },
    usual: (model) => model?.defaults.sampler,
  },
  {
    role: 'sampler.scheduler',
    label: t('Schedule'),
    help: t('How the steps are spread between rough shapes and fine detail.'),
    control: { type: 'select' },
    usual: (model) => model?.defaults.schedule,
  },
  {
    role: 'batch.count',
    label: t('Batch size'),
    help: t('Pictures that are drawn together in one run, from one seed. More need more memory.'),
    control: { type: 'stepper', min: 1, max: 64, step: 1, whole: true },
    usual: () => 1,
  },
]

const maskFields = (): AdvancedField[] => [
  {
    role: 'mask.grow',
    label: t('Grow the mask'),
    help: t('Pixels by which the mask gets larger, so that its edge is drawn anew, too.'),
    control: { type: 'both', min: 0, max: 64, step: 1, whole: true },
  },
  {
    role: 'mask.feather',
    label: t('Soften the edge'),
    help: t('Pixels over which the new part fades into the old.'),
    control: { type: 'both', min: 1, max: 64, step: 1, whole: true },
  },
]

const upscaleFields = (): AdvancedField[] => [
  {
    role: 'upscale.model',
    label: t('Enlarging model'),
    help: t('A network that adds detail while it enlarges. Without one the picture is enlarged smoothly.'),
    control: { type: 'model', folder: 'upscale_models' },
    remakes: true,
  },
]

const refineFields = (): AdvancedField[] => [
  {
    role: 'refine.factor',
    label: t('Larger'),
    help: '',
    control: { type: 'number' },
    usual: () => 0,
    elsewhere: true,
  },
]

const outputFields = (): AdvancedField[] => [
  {
    role: 'output.format',
    label: t('Format'),
    help: '',
    control: { type: 'radio' },
    usual: () => 'png',
    elsewhere: true,
  },
  {
    role: 'output',
    label: t('File name'),
    help: t('How the names of the files begin. A slash makes a folder.'),
    control: { type: 'line' },
    usual: () => 'limner',
  },
]
