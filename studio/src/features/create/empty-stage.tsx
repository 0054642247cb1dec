import { useQuery } from '@tanstack/react-query'
import { Brush, FileJson, Image, Play, Sparkles } from 'lucide-react'
import { lazy, Suspense } from 'react'
import { openDocument, useDocuments } from '@/app/documents'
import { listDrafts } from '@/app/drafts'
import { goTo } from '@/app/navigation'
import { usePreferences } from '@/app/preferences'
import { runNow } from '@/app/run-now'
import { useRunTarget } from '@/app/run-target'
import { useRecipeList } from '@/form/recipe-list'
import { shownAge, t } from '@/i18n/text'
import { Keys } from '@/ui/keys'
import { FailedNote } from './failed-note'
import { FIRST_RUN } from './first-run-card'
import { JobLine } from './job-line'
import { recipeOf } from './recipe-document'
import { RefusalNote } from './refusal-note'
import { setTask } from './set-task'
import { useOpenFile } from './use-open-file'

const PictureStart = lazy(() => import('./picture-start'))

const DRAFTS = 4

/** Before the first picture: what to do, other ways to begin, and what was open last. */
export function EmptyStage({ document }: { document: string }) {
  const task = useDocuments((state) => {
    const workflow = state.open[document]?.workflow
    return (workflow && recipeOf(workflow)?.task) ?? 'text'
  })
  return (
    <div className="flex min-h-0 flex-1 flex-col overflow-auto max-sm:flex-none">
      <JobLine document={document} job="" />
      <div className="m-auto flex w-full max-w-[600px] flex-col items-center gap-6 px-6 py-8 text-center max-sm:gap-4 max-sm:py-4">
        {task === 'text' ? (
          <FirstWords document={document} />
        ) : (
          <Suspense fallback={null}>
            <PictureStart document={document} />
          </Suspense>
        )}
        <RunHere />
        <OtherStarts />
        <LastDrafts />
        <div className="w-full text-start">
          <RefusalNote document={document} />
          <FailedNote document={document} />
        </div>
      </div>
    </div>
  )
}

/** What the screen is for, before anything was drawn. */
function FirstWords({ document }: { document: string }) {
  const recipes = useRecipeList()
  const workflow = useDocuments((state) => state.open[document]?.workflow)
  const first = !usePreferences((state) => state.dismissed.includes(FIRST_RUN))
  const model = recipes.data?.models.find((one) => one.name === (workflow && recipeOf(workflow)?.model))
  return (
    <div className="flex flex-col items-center gap-3">
      <span className="flex size-14 items-center justify-center rounded-dialog bg-accent-soft text-accent">
        <Sparkles size={26} strokeWidth={1.5} aria-hidden="true" />
      </span>
      <h2 className="text-title font-semibold">
        {first ? t('Ready for your first picture') : t('A new picture')}
      </h2>
      <p className="text-field text-balance text-muted">
        {first
          ? t('A prompt is filled in. Press the button and watch noise turn into a picture.')
          : t('Say what it should show, and press Generate.')}
      </p>
      {model?.builtin ? (
        <p className="text-label text-faint">
          {t('Tiny model, made for trying things out. Pictures are small and rough.')}
        </p>
      ) : null}
    </div>
  )
}

/** The same as the Run button, where the eye is; or what is missing to run. */
function RunHere() {
  const target = useRunTarget((state) => state.target)
  if (!target) return null
  if (target.reason) return <p className="text-field text-muted max-sm:hidden">{target.reason}</p>
  return (
    <button
      type="button"
      onClick={() => void runNow()}
      className="flex h-11 items-center gap-3 rounded-control border border-line-strong bg-raised px-5 text-field font-medium hover:bg-hover max-sm:hidden"
    >
      <Play size={16} fill="currentColor" aria-hidden="true" />
      {target.label}
      <Keys keys="Mod+Enter" />
    </button>
  )
}

const CARD =
  'flex min-h-20 flex-col items-start gap-1 rounded-card border bg-raised p-3 text-start hover:border-line-strong hover:bg-hover'

function OtherStarts() {
  const openFile = useOpenFile()
  const starts = [
    {
      title: t('Change a picture'),
      text: t('Begin with one of yours'),
      icon: Image,
      run: () => void setTask('image'),
    },
    {
      title: t('Paint'),
      text: t('Layers, masks and a brush'),
      icon: Brush,
      run: () => goTo('canvas'),
    },
    {
      title: t('Open a workflow'),
      text: t('From a picture or a file'),
      icon: FileJson,
      run: openFile,
    },
  ]
  return (
    <div className="grid w-full grid-cols-3 gap-3 max-sm:hidden">
      {starts.map((start) => (
        <button key={start.title} type="button" onClick={start.run} className={CARD}>
          <start.icon size={18} strokeWidth={1.5} className="text-faint" aria-hidden="true" />
          <span className="text-body font-medium">{start.title}</span>
          <span className="text-label text-muted">{start.text}</span>
        </button>
      ))}
    </div>
  )
}

function LastDrafts() {
  const open = useDocuments((state) => state.order)
  const { data } = useQuery({ queryKey: ['drafts'], queryFn: listDrafts, staleTime: 0 })
  const drafts = (data ?? [])
    .filter((draft) => !open.includes(draft.id) && draft.workflow.nodes.length > 0)
    .slice(0, DRAFTS)
  if (drafts.length === 0) return null
  return (
    <div className="w-full text-start">
      <h3 className="mb-2 text-label font-medium text-muted">{t('Last drafts')}</h3>
      <ul className="flex flex-col rounded-card border">
        {drafts.map((draft) => (
          <li key={draft.id} className="border-b last:border-b-0">
            <button
              type="button"
              onClick={() => openDocument(draft)}
              className="flex min-h-control w-full items-center gap-3 px-3 text-start text-body hover:bg-hover"
            >
              <span className="min-w-0 flex-1 truncate">{draft.title}</span>
              <span className="shrink-0 text-label text-faint">{shownAge(draft.touched)}</span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  )
}
