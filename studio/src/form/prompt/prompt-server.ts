/** What the server knows of prompts: names to complete, and how a text with choices comes out. */
import { useQuery } from '@tanstack/react-query'
import { getJson, postJson } from '@/net/api'
import { asLoras, type Lora } from '../loras'

export interface Expanding {
  text: string
  negative?: string
  seed: number | bigint
  styles?: string[]
}

export interface Expanded {
  text: string
  negative: string
  loras: Lora[]
}

interface RawExpanded {
  text?: string
  prompt?: string
  prompts?: string[]
  negative?: string
  loras?: unknown
}

/** The texts as they are used with this seed: choices drawn, styles put around, LoRAs taken out. */
export async function expandPrompt(asked: Expanding): Promise<Expanded> {
  const said = await postJson<RawExpanded>('/limner/prompts/expand', asked)
  return {
    text: said.text ?? said.prompt ?? said.prompts?.[0] ?? asked.text,
    negative: said.negative ?? asked.negative ?? '',
    loras: asLoras(said.loras),
  }
}

export interface Style {
  name: string
  prompt: string
  negative?: string
  category?: string
}

export const useStyles = (): Style[] => {
  const { data } = useQuery({
    queryKey: ['styles'],
    queryFn: () => getJson<{ styles: Style[] }>('/limner/styles').then(({ styles }) => styles),
    retry: false,
  })
  return data ?? []
}

/** Names for what is completed in a prompt; fetched when somebody first writes in one. */
export function usePromptNames(asked: boolean): Record<'lora' | 'wildcard' | 'embedding', string[]> {
  const options = { enabled: asked, retry: false }
  const loras = useQuery({
    queryKey: ['models', 'files', 'loras'],
    queryFn: () => getJson<string[]>('/models/loras'),
    ...options,
  })
  const embeddings = useQuery({
    queryKey: ['models', 'embeddings'],
    queryFn: () => getJson<string[]>('/embeddings'),
    ...options,
  })
  const wildcards = useQuery({
    queryKey: ['wildcards'],
    queryFn: () => getJson<{ wildcards: (string | { name: string })[] }>('/limner/wildcards'),
    ...options,
  })
  return {
    lora: loras.data ?? [],
    embedding: embeddings.data ?? [],
    wildcard: (wildcards.data?.wildcards ?? []).map((entry) =>
      typeof entry === 'string' ? entry : entry.name,
    ),
  }
}
