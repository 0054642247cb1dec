import type { RecipeForm } from './use-recipe'

export const PresetBar = (_: { form: RecipeForm }) => null
