import { Box, Sparkles } from 'lucide-react'
import type { DrawingModel } from '@/form/recipe-list'

/** A model's picture: its sign until it has one. */
export const ModelPicture = ({ model }: { model: DrawingModel | undefined }) => (
  <span className="flex size-10 shrink-0 items-center justify-center rounded-control bg-accent-soft text-accent">
    {model?.builtin ? (
      <Sparkles size={18} strokeWidth={1.5} aria-hidden="true" />
    ) : (
      <Box size={18} strokeWidth={1.5} aria-hidden="true" />
    )}
  </span>
)
