/** What the server tells of model files, as types and queries; everything is read again when files come or go. */
import { useQuery } from '@tanstack/react-query'
import { MODELS } from '@/app/jobs'
import { getJson, withQuery } from '@/net/api'

/** A model file in a list. */
export interface ModelEntry {
  kind: string
  name: string
  size: number
  modified: number
  own: boolean
  builtin: boolean
  sha256: string
  source: string
  url: string
  licence: string
  title: string
  page: string
  format: string
  precision: string
  parameters: number
  seems: string
  family: string
  /** What people call the family. */
  family_title: string
  triggers: string[]
  problem: string
  /** Names the state of its picture; empty: it has none. */
  picture: string
  workflows: number
  jobs: number
  last_used: number
}

/** What somebody wrote about a file. */
export interface ModelCard {
  title?: string
  notes?: string
  triggers?: string[]
  settings?: Record<string, string | number | boolean>
  licence?: string
  page?: string
}

export interface ModelDetails extends Omit<ModelEntry, 'workflows'> {
  workflows: string[]
  card: ModelCard
  said: {
    tensors?: number
    types?: Record<string, number>
    blake3?: string
    metadata?: Record<string, string>
  }
}

export type PullState = 'waiting' | 'planning' | 'running' | 'paused' | 'finished' | 'failed' | 'cancelled'

export interface Pull {
  id: string
  reference: string
  state: PullState
  file: string
  done: number
  /** Bytes of the file that comes now; -1: not known. */
  total: number
  files: { name: string; path: string; kind: string; how: string; size: number }[]
  message: string
  code: string
  created: number
  resumable: boolean
}

/** What a reference stands for, and what a pull of it would do. */
export interface PullPlan {
  source: string
  reference: string
  title: string
  page: string
  licence: string
  cautions: string[]
  missing: number
  free: number
  files: {
    name: string
    kind: string
    path: string
    action: 'download' | 'link' | 'present'
    size: number | null
    sha256: string
    note: string
  }[]
}

export interface CatalogueEntry {
  name: string
  title: string
  licence: string
  restricted: boolean
  gb: number
  page: string
  files: { name: string; kind: string; gb: number }[]
}

export interface ModelFolder {
  path: string
  state: 'there' | 'missing' | 'unreadable'
  free: number | null
  writable?: boolean
  role: 'root' | 'added' | 'settings'
  first?: boolean
  kinds?: Record<string, string[]>
}

export interface Twins {
  size: number
  sure: boolean
  files: { kind: string; name: string; own: boolean }[]
}

export interface Care {
  biggest: ModelEntry[]
  unused: ModelEntry[]
  twins: Twins[]
  size: number
  count: number
}

export interface Thrown {
  trash: string
  name: string
  folder: string
  size: number
  thrown: number
}

export interface MissingModel {
  kind: string
  name: string
  node: string
  input: string
  reference: string
  sha256: string
  same: { kind: string; name: string }[]
  near: { kind: string; name: string }[]
}

export const keyOf = ({ kind, name }: { kind: string; name: string }): string => `${kind}/${name}`

export const pictureOf = (entry: { kind: string; name: string; picture: string }): string =>
  withQuery('/limner/models/picture', { kind: entry.kind, name: entry.name, state: entry.picture })

/** All files, a built-in one once, by what it is. */
export const useModels = () =>
  useQuery({
    queryKey: [...MODELS, 'list'],
    queryFn: async () => {
      const { models } = await getJson<{ models: ModelEntry[] }>('/limner/models')
      return models.filter((model) => !model.builtin || model.kind === model.seems || !model.seems)
    },
  })

export const useModelDetails = (kind: string, name: string) =>
  useQuery({
    queryKey: [...MODELS, 'details', kind, name],
    queryFn: () => getJson<ModelDetails>('/limner/models/details', { query: { kind, name } }),
  })

const GOING: PullState[] = ['waiting', 'planning', 'running']
const OFTEN = 700
const SELDOM = 8_000

export const isGoing = (pull: Pull): boolean => GOING.includes(pull.state)

/** Downloads; asked for often while one goes on. */
export const usePulls = () =>
  useQuery({
    queryKey: [...MODELS, 'pulls'],
    queryFn: async () => (await getJson<{ pulls: Pull[] }>('/limner/models/pull')).pulls,
    retry: false,
    refetchInterval: (query) =>
      query.state.error ? false : query.state.data?.some(isGoing) ? OFTEN : SELDOM,
  })

export const useCatalogue = () =>
  useQuery({
    queryKey: ['model-catalogue'],
    queryFn: async () => (await getJson<{ models: CatalogueEntry[] }>('/limner/models/catalogue')).models,
    staleTime: Number.POSITIVE_INFINITY,
  })

export const useModelFolders = () =>
  useQuery({
    queryKey: [...MODELS, 'folders'],
    queryFn: () =>
      getJson<{ folders: ModelFolder[]; kinds: { kind: string; files: number; place: string }[] }>(
        '/limner/models/folders',
      ),
  })

export const useCare = () =>
  useQuery({ queryKey: [...MODELS, 'care'], queryFn: () => getJson<Care>('/limner/models/care') })

export const useTrash = () =>
  useQuery({
    queryKey: [...MODELS, 'trash'],
    queryFn: async () => (await getJson<{ files: Thrown[] }>('/limner/models/trash')).files,
  })
