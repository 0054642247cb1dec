import { ChevronDown } from 'lucide-react'
import { useRecipeList } from '@/form/recipe-list'
import { t } from '@/i18n/text'
import { classes } from '@/ui/classes'
import { Menu } from '@/ui/menu'
import { type Task, useCanvas } from '../state/canvas-document'
import type { CanvasSession } from '../state/session'
import { useMode } from './canvas-runs'
import { taskName } from './mode'
import { modelOf } from './recipes'

const TASKS: Task[] = ['text', 'image', 'inpaint', 'outpaint', 'edit']

/** What a run will do and why; a click chooses something else. */
export function ModeChip({ session, wide }: { session: CanvasSession; wide?: boolean }) {
  const mode = useMode(session)
  const forced = useCanvas(session.document, (canvas) => canvas.task)
  const wanted = useCanvas(session.document, (canvas) => canvas.settings.model)
  const { data } = useRecipeList()
  const able = modelOf(data, wanted)?.tasks ?? []
  const force = (task: Task | '') =>
    session.change(t('What a run does'), (canvas) => {
      canvas.task = task
    })
  return (
    <Menu
      align={wide ? 'start' : 'end'}
      entries={[
        { heading: mode.why },
        { label: t('By what is in the box'), checked: forced === '', onSelect: () => force('') },
        'line',
        ...TASKS.filter((task) => able.includes(task)).map((task) => ({
          label: taskName(task),
          checked: forced === task,
          onSelect: () => force(task),
        })),
      ]}
      trigger={
        <button
          type="button"
          aria-label={wide ? undefined : t('{{task}}. {{why}}', { task: mode.name, why: mode.why })}
          title={wide ? undefined : mode.why}
          className={classes(
            'flex min-w-0 items-center gap-2 rounded-control border text-start hover:bg-hover',
            forced ? 'border-accent bg-accent-soft' : 'bg-raised',
            wide ? 'w-full px-3 py-2' : 'h-8 shrink-0 px-2 pointer-coarse:h-11',
          )}
        >
          <span className="min-w-0 flex-1">
            <span className="block truncate text-body font-medium">{mode.name}</span>
            {wide ? <span className="block text-label text-muted">{mode.why}</span> : null}
          </span>
          <ChevronDown size={14} className="shrink-0 text-faint" aria-hidden="true" />
        </button>
      }
    />
  )
}
