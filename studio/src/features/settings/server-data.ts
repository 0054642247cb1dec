/** What the server tells of itself, for the pages of settings. */
import { useQuery } from '@tanstack/react-query'
import { getJson } from '@/net/api'

export interface SystemStats {
  system: {
    os: string
    ram_total: number
    ram_free: number
    python_version: string
    pytorch_version: string
    argv: string[]
  }
  devices: { name: string; type: string; vram_total: number; vram_free: number }[]
  limner: { version: string; worker: string; waiting: number; running: number }
}

export interface WorkerStatus {
  name: string
  up: boolean
  running: string[]
  pid?: number
  starts?: number
  reason?: string
  entries?: { what: string; device: string; bytes: number }[]
}

export interface Pack {
  name: string
  path?: string
  /** `on`, `disabled` by a person, or switched `off` because of what it did. */
  state: string
  reason?: string
  loaded: {
    state: string
    reason: string
    nodes: string[]
    failures: Record<string, string>
    missing: string[]
    seconds: number
  } | null
}

const FRESH = 5_000

export const useSystem = () =>
  useQuery({
    queryKey: ['server', 'system'],
    queryFn: () => getJson<SystemStats>('/system_stats'),
    refetchInterval: FRESH,
  })

export const useMemory = () =>
  useQuery({
    queryKey: ['server', 'memory'],
    queryFn: () => getJson<{ workers: WorkerStatus[] }>('/limner/memory'),
    refetchInterval: FRESH,
    retry: false,
  })

export const useLog = (on: boolean) =>
  useQuery({
    queryKey: ['server', 'log'],
    queryFn: () => getJson<{ entries: { t: string; m: string }[] }>('/internal/logs/raw'),
    refetchInterval: FRESH,
    enabled: on,
    retry: false,
  })

export const usePacks = () =>
  useQuery({
    queryKey: ['server', 'packs'],
    queryFn: () => getJson<{ packs: Pack[]; may_install: boolean }>('/limner/nodes'),
  })

export const useHosts = () =>
  useQuery({
    queryKey: ['server', 'hosts'],
    queryFn: async () =>
      (
        await getJson<{
          hosts: { host: string; why: string; name?: string; first?: number; last?: number; count?: number }[]
        }>('/limner/hosts')
      ).hosts,
  })
