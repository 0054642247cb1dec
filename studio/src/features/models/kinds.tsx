/** What kinds of model files are called, and their signs. The server names them; one that is not here keeps its name. */
import {
  Aperture,
  AudioLines,
  Blend,
  Boxes,
  Brush,
  Eye,
  Layers,
  type LucideIcon,
  Maximize2,
  Network,
  Sparkles,
  SquareDashed,
  Text,
  Type,
} from 'lucide-react'
import { t } from '@/i18n/text'

const TITLES: Record<string, () => string> = {
  checkpoints: () => t('Checkpoint'),
  diffusion_models: () => t('Diffusion model'),
  loras: () => t('LoRA'),
  vae: () => t('VAE'),
  text_encoders: () => t('Text encoder'),
  controlnet: () => t('Control network'),
  upscale_models: () => t('Upscaler'),
  embeddings: () => t('Embedding'),
  clip_vision: () => t('Picture encoder'),
  style_models: () => t('Style model'),
  ipadapter: () => t('Picture adapter'),
  diffusers: () => t('Folder of parts'),
  hypernetworks: () => t('Hypernetwork'),
  model_patches: () => t('Model patch'),
  vae_approx: () => t('Preview decoder'),
  audio_encoders: () => t('Sound encoder'),
}

const ICONS: Record<string, LucideIcon> = {
  checkpoints: Boxes,
  diffusion_models: Aperture,
  loras: Sparkles,
  vae: Blend,
  text_encoders: Text,
  controlnet: Network,
  upscale_models: Maximize2,
  embeddings: Type,
  clip_vision: Eye,
  style_models: Brush,
  audio_encoders: AudioLines,
  diffusers: Layers,
}

/** `Checkpoint`, or the kind's own name made readable. */
export const kindTitle = (kind: string): string => TITLES[kind]?.() ?? readable(kind)

export const KindIcon = ({ kind, size = 20 }: { kind: string; size?: number }) => {
  const Icon = ICONS[kind] ?? SquareDashed
  return <Icon size={size} strokeWidth={1.5} aria-hidden="true" />
}

/** `upscale_models` as `Upscale models`. */
export const readable = (id: string): string => {
  const words = id.replaceAll('_', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/** Kinds that files are put into, the usual ones first, for a choice. */
export const kindChoices = (kinds: readonly string[]): { value: string; label: string }[] => {
  const usual = Object.keys(TITLES)
  const place = (kind: string) => (usual.includes(kind) ? usual.indexOf(kind) : usual.length)
  return [...kinds]
    .sort((one, other) => place(one) - place(other) || one.localeCompare(other))
    .map((kind) => ({ value: kind, label: kindTitle(kind) }))
}
