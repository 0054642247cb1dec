/** The page's socket, query client and their names; begun once by `main`. */
import { QueryClient } from '@tanstack/react-query'
import { create } from 'zustand'
import { ApiError } from '@/net/api'
import { type Connection, Socket } from '@/net/socket'
import { QUEUE, takeMessages } from './jobs'

const CLIENT = 'limner.client'

/** Names this tab to the server, the same after a reload, so that what was missed can be told again. */
export const client: string = (() => {
  const kept = sessionStorage.getItem(CLIENT)
  if (kept) return kept
  const fresh = `studio-${crypto.randomUUID?.() ?? Math.random().toString(36).slice(2)}`
  sessionStorage.setItem(CLIENT, fresh)
  return fresh
})()

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      refetchOnWindowFocus: false,
      retry: (count, error) => error instanceof ApiError && error.offline && count < 5,
    },
  },
})

export const socket = new Socket(client)

export const useConnection = create<{ connection: Connection; everOpen: boolean }>(() => ({
  connection: 'connecting',
  everOpen: false,
}))

/** Connects, and lets what comes flow into the stores. */
export function startConnection(): void {
  socket.listen((messages) => takeMessages(messages, queries))
  socket.watch((connection) => {
    const { everOpen } = useConnection.getState()
    useConnection.setState({ connection, everOpen: everOpen || connection === 'open' })
    // What happened meanwhile is read again.
    if (connection === 'open' && everOpen) void queries.invalidateQueries()
    else if (connection === 'open') void queries.invalidateQueries({ queryKey: QUEUE })
  })
  socket.start()
}
