/** Results are in the gallery already; a star lifts one out of the many. */
import { t } from '@/i18n/text'
import { patchJson } from '@/net/api'
import { announce } from '@/ui/announce'
import { toast } from '@/ui/toasts'
import type { Staging } from './staging'

/** Stars the result that is shown, or takes its star away. */
export async function starResult(staging: Staging): Promise<void> {
  const result = staging.current
  if (!result) return
  const { subfolder, filename } = result.file
  const key = subfolder ? `${subfolder}/${filename}` : filename
  const starred = !result.starred
  try {
    await patchJson('/limner/gallery', { ids: [key], starred })
    staging.mark(result, starred)
    announce(starred ? t('Starred in the gallery.') : t('The star is taken away.'))
  } catch (error) {
    toast({ text: t('It was not starred: {{message}}', { message: (error as Error).message }), tone: 'err' })
  }
}
