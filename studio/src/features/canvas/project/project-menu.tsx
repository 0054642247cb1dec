import { useQueryClient } from '@tanstack/react-query'
import { EllipsisVertical, GitFork } from 'lucide-react'
import { sendTo } from '@/app/intents'
import { useRecipeList } from '@/form/recipe-list'
import { t } from '@/i18n/text'
import { DEFINITIONS } from '@/net/definitions'
import { IconButton } from '@/ui/button'
import { Menu } from '@/ui/menu'
import { toast } from '@/ui/toasts'
import { openPictures } from '../layers/pictures'
import { useMode } from '../running/canvas-runs'
import { compileCanvas } from '../running/generate'
import { modelOf } from '../running/recipes'
import type { CanvasStage } from '../stage/stage'
import type { CanvasSession } from '../state/session'
import { exportPicture, exportProject, openProject } from './project'

/** What can be done with the canvas as a whole. */
export function ProjectMenu({ session, stage }: { session: CanvasSession; stage: CanvasStage | null }) {
  const client = useQueryClient()
  const { data } = useRecipeList()
  const mode = useMode(session)
  const openGraph = async () => {
    const { settings } = session.canvas
    const model = modelOf(data, settings.model)
    if (!model) return
    try {
      const { workflow } = await compileCanvas(session, model, mode.task, settings, client)
      // The pictures that were just sent are in the lists of what loads them.
      await client.refetchQueries({ queryKey: DEFINITIONS })
      sendTo('graph', 'open-workflow', { workflow, title: t('From the canvas') })
    } catch (error) {
      toast({
        text: t('The graph could not be written: {{message}}', { message: (error as Error).message }),
        tone: 'err',
      })
    }
  }
  return (
    <Menu
      align="end"
      trigger={
        <IconButton label={t('Canvas menu')}>
          <EllipsisVertical size={16} aria-hidden="true" />
        </IconButton>
      }
      entries={[
        {
          label: t('Open as graph'),
          icon: <GitFork size={14} />,
          disabled: !data,
          onSelect: () => void openGraph(),
        },
        'line',
        { label: t('Open a picture…'), onSelect: () => openPictures(session) },
        { label: t('Open a project…'), onSelect: () => openProject(session, () => stage?.fit()) },
        'line',
        { label: t('Export the box as PNG'), onSelect: () => void exportPicture(session) },
        { label: t('Export project'), onSelect: () => void exportProject(session) },
      ]}
    />
  )
}
