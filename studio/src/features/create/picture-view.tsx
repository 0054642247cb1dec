import { useDocuments } from '@/app/documents'
import { useJobs } from '@/app/jobs'
import { usePreferences } from '@/app/preferences'
import { t } from '@/i18n/text'
import { useDefinitions } from '@/net/definitions'
import { fileUrl } from '@/net/files'
import { classes } from '@/ui/classes'
import { Zoomable } from '@/ui/zoomable'
import { FadingPicture } from './fading-picture'
import { roleValue } from './recipe-document'
import { useDecoded } from './use-decoded'
import type { Result } from './use-results'

export interface PictureViewProps {
  document: string
  /** Whose previews are shown while there is no result. */
  job: string
  result: Result | undefined
  /** A step of the job to look at; -1: the result, or the newest step. */
  step: number
  onNext: (by: number) => void
}

const LONGEST_ALT = 200

/** One picture, as large as there is room: the newest preview while it is drawn, then the result, without a gap. */
export function PictureView({ document, job, result, step, onNext }: PictureViewProps) {
  const previews = usePreferences((state) => state.previews)
  const preview = useJobs((state) => {
    const all = state.jobs[job]?.previews
    return (step >= 0 ? all?.[step] : all?.at(-1)) ?? ''
  })
  const source = result && step < 0 ? fileUrl(result.file) : previews === 'off' && step < 0 ? '' : preview
  const shown = useDecoded(source)
  const size = useExpectedSize(document)
  const { prompt, definitions } = usePrompt(document)
  const isResult = Boolean(shown && !shown.src.startsWith('blob:'))
  const own = isResult && shown ? shown : (size ?? shown)
  if (!shown || !own) return <Waiting drawing={Boolean(job) && !result} />
  const small = previews === 'small' && !isResult
  return (
    <Zoomable
      src={shown.src}
      alt={prompt}
      width={own.width}
      height={own.height}
      onSwipe={(where) => (where === 'left' ? onNext(1) : where === 'right' ? onNext(-1) : undefined)}
      className={classes('min-h-0 flex-1 bg-bg', small && 'm-auto max-h-64 max-w-64 flex-none size-64')}
      bare={small}
    >
      <FadingPicture
        src={shown.src}
        alt={isResult || !definitions ? prompt : t('Step on the way to the picture')}
        fade={isResult}
        soft={!isResult}
      />
    </Zoomable>
  )
}

/** The size that the picture is going to have, so that its place does not change when it comes. */
function useExpectedSize(document: string): { width: number; height: number } | null {
  const { definitions } = useDefinitions()
  const workflow = useDocuments((state) => state.open[document]?.workflow)
  if (!definitions || !workflow) return null
  const width = Number(roleValue(workflow, definitions, 'size.width'))
  const height = Number(roleValue(workflow, definitions, 'size.height'))
  return width > 0 && height > 0 ? { width, height } : null
}

function usePrompt(document: string) {
  const { definitions } = useDefinitions()
  const workflow = useDocuments((state) => state.open[document]?.workflow)
  const text = workflow && definitions ? roleValue(workflow, definitions, 'prompt.positive') : ''
  return { prompt: String(text || t('Result')).slice(0, LONGEST_ALT), definitions }
}

/** Before the first step comes: a quiet ring rather than an empty box. */
const Waiting = ({ drawing }: { drawing: boolean }) => (
  <div className="flex min-h-0 flex-1 items-center justify-center" aria-hidden="true">
    {drawing ? (
      <span className="size-10 animate-spin rounded-full border-2 border-line border-t-accent-fill" />
    ) : null}
  </div>
)
