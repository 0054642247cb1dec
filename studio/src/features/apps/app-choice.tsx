import { goTo } from '@/app/navigation'
import { useApps } from '@/app/saved-apps'
import { t } from '@/i18n/text'
import { type FileRef, thumbUrl } from '@/net/files'
import { Dialog } from '@/ui/dialog'
import { useFirstPicture } from './first-picture'

/** Asks which app shall take a picture: those that ask for one. */
export function AppChoice({ file, onClose }: { file: FileRef | null; onClose: () => void }) {
  const { data } = useApps()
  const give = useFirstPicture((state) => state.give)
  const fitting = (data ?? []).filter((app) => app.inputs.some((input) => input.type === 'image'))
  const choose = (name: string) => {
    if (file) give(name, file)
    onClose()
    goTo('apps', name)
  }
  return (
    <Dialog open={file !== null} onClose={onClose} title={t('Use this picture in an app')} size="small">
      {file ? (
        <img
          src={thumbUrl(file)}
          alt={t('The picture')}
          className="mb-4 max-h-40 rounded-card object-contain"
        />
      ) : null}
      <ul className="flex flex-col gap-1">
        {fitting.map((app) => (
          <li key={app.name}>
            <button
              type="button"
              onClick={() => choose(app.name)}
              className="flex min-h-11 w-full flex-col justify-center rounded-control px-3 py-1 text-start hover:bg-hover"
            >
              <span className="text-body font-medium">{app.title}</span>
              <span className="line-clamp-1 text-label text-muted">{app.description}</span>
            </button>
          </li>
        ))}
      </ul>
      {fitting.length === 0 ? (
        <p className="text-body text-muted">{t('No app asks for a picture yet.')}</p>
      ) : null}
    </Dialog>
  )
}
