/** What nodes there are: fetched once, kept in the browser, and asked for again only if the server's tag changed. */
import { useQuery, type useQueryClient } from '@tanstack/react-query'
import { get, set } from 'idb-keyval'
import { useMemo } from 'react'
import { type Definitions, readDefinitions } from '@/doc/definitions'
import { send } from './api'

export const DEFINITIONS = ['definitions'] as const
const KEPT = 'limner.object_info'

interface Kept {
  tag: string
  raw: Record<string, unknown>
}

async function fetchDefinitions(): Promise<Kept> {
  const kept = await get<Kept>(KEPT).catch(() => undefined)
  const headers: Record<string, string> = kept ? { 'If-None-Match': kept.tag } : {}
  const answer = await send('GET', '/object_info', undefined, { headers })
  if (answer.status === 304 && kept) return kept
  const fresh: Kept = { tag: answer.headers.get('ETag') ?? '', raw: await answer.json() }
  void set(KEPT, fresh).catch(() => undefined)
  return fresh
}

/** Node definitions, or undefined while they are on their way. */
export function useDefinitions(): { definitions: Definitions | undefined; error: Error | null } {
  const { data, error } = useQuery({
    queryKey: DEFINITIONS,
    queryFn: fetchDefinitions,
    staleTime: Number.POSITIVE_INFINITY,
    retry: true,
    retryDelay: 1000,
  })
  const definitions = useMemo(() => (data ? definitionsOf(data) : undefined), [data])
  return { definitions, error }
}

const read = new WeakMap<Kept, Definitions>()

function definitionsOf(kept: Kept): Definitions {
  const known = read.get(kept)
  if (known) return known
  const definitions = readDefinitions(kept.raw)
  read.set(kept, definitions)
  return definitions
}

/** For code outside components: the definitions, fetched if they are not here yet. */
export async function loadDefinitions(client: ReturnType<typeof useQueryClient>): Promise<Definitions> {
  const kept = await client.fetchQuery({
    queryKey: DEFINITIONS,
    queryFn: fetchDefinitions,
    staleTime: Number.POSITIVE_INFINITY,
  })
  return definitionsOf(kept)
}
