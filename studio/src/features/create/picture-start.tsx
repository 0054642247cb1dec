import { useDocuments } from '@/app/documents'
import { useRunTarget } from '@/app/run-target'
import { t } from '@/i18n/text'
import { useDefinitions } from '@/net/definitions'
import { fileOfInput, fileUrl } from '@/net/files'
import { recipeOf, roleValue } from './recipe-document'

/** Before the first result of a task that begins with a picture: the picture, and what comes next. */
export default function PictureStart({ document }: { document: string }) {
  const { definitions } = useDefinitions()
  const workflow = useDocuments((state) => state.open[document]?.workflow)
  const reason = useRunTarget((state) => state.target?.reason)
  if (!workflow || !definitions) return null
  const name = String(roleValue(workflow, definitions, 'image.init') ?? '')
  return (
    <div className="flex w-full flex-col items-center gap-4">
      {name ? (
        <img
          src={fileUrl(fileOfInput(name))}
          alt={t('The picture to begin with')}
          className="max-h-[min(420px,50vh)] max-w-full checker rounded-card border object-contain"
        />
      ) : null}
      <h2 className="text-title font-semibold">{nextStep(recipeOf(workflow)?.task ?? '')}</h2>
      {!name || reason ? null : (
        <p className="text-field text-balance text-muted">
          {t('Say in the prompt what it should show, then press the button.')}
        </p>
      )}
    </div>
  )
}

function nextStep(task: string): string {
  switch (task) {
    case 'inpaint':
      return t('Fill a part of your picture')
    case 'outpaint':
      return t('Make your picture wider')
    case 'upscale':
      return t('Make your picture larger')
    default:
      return t('Change your picture')
  }
}
