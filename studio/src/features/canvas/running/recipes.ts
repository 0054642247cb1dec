/** The model that draws what is on the canvas. */
import type { DrawingModel, RecipeList } from '@/form/recipe-list'

/** The model that is meant: the named one, else the server's choice. */
export const modelOf = (list: RecipeList | undefined, name: string): DrawingModel | undefined =>
  list?.models.find((model) => model.name === name) ??
  list?.models.find((model) => model.name === list.default) ??
  list?.models[0]
