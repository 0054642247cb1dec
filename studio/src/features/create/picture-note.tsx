import { Brush } from 'lucide-react'
import { sendTo } from '@/app/intents'
import { usePictureSize } from '@/form/picture-size'
import { t } from '@/i18n/text'
import { fileOfInput } from '@/net/files'
import { Button } from '@/ui/button'
import type { RecipeForm } from './use-recipe'

/** How much of a ratio may be lost before one should hear of it. */
const CLOSE = 0.06

/** What becomes of a picture that is larger than the result, or of another shape; on the canvas it stays whole. */
export default function PictureNote({ form }: { form: RecipeForm }) {
  const name = form.value('image.init', '')
  const sides = usePictureSize(name)
  if (!sides || !form.has('size.width')) return null
  const size = { width: form.value('size.width', 0), height: form.value('size.height', 0) }
  if (!size.width || !size.height) return null
  const isCut = Math.abs(Math.log((sides.width * size.height) / (sides.height * size.width))) > CLOSE
  const isSmaller = size.width * size.height < sides.width * sides.height * (1 - CLOSE)
  if (!isCut && !isSmaller) return null
  const said = {
    from: `${sides.width}\u00a0×\u00a0${sides.height}`,
    to: `${size.width}\u00a0×\u00a0${size.height}`,
  }
  return (
    <div className="flex flex-col items-start gap-2 rounded-control bg-hover px-3 py-2">
      <p className="text-label text-muted">
        {isCut
          ? t('The picture has {{from}} pixels, the result {{to}}: its edges are cut off.', said)
          : t('The picture has {{from}} pixels, the result {{to}}.', said)}{' '}
        {t('On the canvas it keeps its size.')}
      </p>
      <Button
        small
        icon={<Brush size={14} strokeWidth={1.5} aria-hidden="true" />}
        onClick={() => sendTo('canvas', 'edit-picture', { file: fileOfInput(name) })}
      >
        {t('Edit on canvas')}
      </Button>
    </div>
  )
}
