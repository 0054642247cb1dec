import { t } from '@/i18n/text'
import { Segmented } from '@/ui/segmented'
import type { RecipeForm } from './use-recipe'

/** Short names for the tasks that we know; others keep the server's. */
const shortNames = (): Record<string, string> => ({
  text: t('Text'),
  image: t('Image'),
  inpaint: t('Inpaint'),
  outpaint: t('Expand'),
  upscale: t('Upscale'),
  edit: t('Edit'),
})

export const taskName = (task: string, form: RecipeForm): string =>
  shortNames()[task] ?? form.list.tasks?.find((entry) => entry.id === task)?.title ?? task

/** What is to be done: only what the chosen model can do. */
export function TaskPicker({ form }: { form: RecipeForm }) {
  const tasks = form.model?.tasks ?? [form.task]
  if (tasks.length < 2) return null
  return (
    <Segmented
      label={t('Task')}
      value={form.task}
      onChange={(task) =>
        void form.remake({ task, label: t('Task: {{task}}', { task: taskName(task, form) }) })
      }
      segments={tasks.map((task) => ({ value: task, label: taskName(task, form) }))}
    />
  )
}
