/** Results are in the gallery already; a star lifts one out of the many. */
import { t } from '@/i18n/text'
import { patchJson } from '@/net/api'
import { toast } from '@/ui/toasts'
import type { Staging } from './staging'

/** Stars the result that is shown. */
export async function starResult(staging: Staging): Promise<void> {
  const result = staging.current
  if (!result) return
  const { subfolder, filename } = result.file
  const key = subfolder ? `${subfolder}/${filename}` : filename
  try {
    await patchJson('/limner/gallery', { ids: [key], starred: true })
    toast({ text: t('Starred in the gallery.'), tone: 'ok', lasts: 3_000 })
  } catch (error) {
    toast({ text: t('It was not starred: {{message}}', { message: (error as Error).message }), tone: 'err' })
  }
}
