import { takeFiles } from '@/app/take-files'
import { t } from '@/i18n/text'
import { Dialog } from '@/ui/dialog'
import { useFileQuestion } from './take-files'

/** What should happen with files that were chosen: the choices that dropping them would have shown. */
export function FileQuestion() {
  const { question } = useFileQuestion()
  const close = () => useFileQuestion.setState({ question: null })
  if (!question) return null
  const { files, screen, outcomes } = question
  const title =
    files.length > 1
      ? t('What should happen with these {{count}} files?', { count: files.length })
      : t('What should happen with {{name}}?', { name: files[0]!.name })
  return (
    <Dialog open onClose={close} title={title}>
      <ul className="flex flex-col gap-2 pb-2">
        {outcomes.map(({ deed, label, detail }) => (
          <li key={deed}>
            <button
              type="button"
              onClick={() => {
                close()
                void takeFiles(files, deed, screen)
              }}
              className="w-full rounded-card border bg-raised px-4 py-3 text-start hover:bg-hover"
            >
              <span className="block text-body font-medium">{label}</span>
              {detail ? <span className="block text-label text-muted">{detail}</span> : null}
            </button>
          </li>
        ))}
      </ul>
    </Dialog>
  )
}
