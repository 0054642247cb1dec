/** The size of a result follows the picture that it begins with, so that nothing of it is cut off unasked. */
import { queries } from '@/app/connection'
import { edit, useDocuments } from '@/app/documents'
import { pictureSize, sizeForPicture } from '@/form/picture-size'
import { t } from '@/i18n/text'
import { loadDefinitions } from '@/net/definitions'
import { hasRole, recipeOf, writeValue } from './recipe-document'
import { loadRecipes } from './set-task'

/** Gives a document the size for a picture; a picture with the sides of the one before (a mask was painted) changes nothing. */
export async function fitSize(document: string, name: string, before = ''): Promise<void> {
  const workflow = useDocuments.getState().open[document]?.workflow
  if (!name || !workflow || !hasRole(workflow, 'size.width')) return
  try {
    const [list, definitions, sides, old] = await Promise.all([
      loadRecipes(),
      loadDefinitions(queries),
      pictureSize(name),
      before ? pictureSize(before).catch(() => undefined) : undefined,
    ])
    if (old?.width === sides.width && old.height === sides.height) return
    const model = list.models.find((one) => one.name === recipeOf(workflow)?.model)
    if (!model) return
    const { width, height } = sizeForPicture(sides, model.sizes)
    edit(document, { label: t('Picture'), merge: 'image.init' }, (draft) => {
      writeValue(draft, definitions, 'size.width', width)
      writeValue(draft, definitions, 'size.height', height)
    })
  } catch {
    // A picture that cannot be shown says so where it is chosen.
  }
}
