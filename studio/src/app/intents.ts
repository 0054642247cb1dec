/**
 * "Send to": one screen asks another for something, without knowing it. The asked screen is opened and takes the intent.
 *
 * Intents there are, each with the screen that takes it:
 * - create `use-settings` {values: Record<Role, unknown>, fields?}: settings of an earlier picture into the form
 * - create `use-input` {file, task?}: a picture as the input of a new one
 * - create `vary` {file}: more pictures with the settings of one and the seeds that follow its own
 * - canvas `edit-picture` {file, as?: 'layer' | 'mask' | 'control' | 'reference'}
 * - graph `open-workflow` {workflow, title} | `add-file` {file, kind, at?} | `add-note` {text, at?}
 * - graph `compare-with` {document, title, before}: marks what differs from an earlier version (before: a workflow)
 * - apps `make-app` {document}: builds an app of an open document
 * - apps `open-app` {workflow, title}: an app file
 * - apps `use-picture` {file, app?}
 * - compare `compare` {document} | {workflow, title}
 * - models `add` {reference} | `missing` {workflow}
 * - gallery `show` {file}
 */
import { useEffect, useRef } from 'react'
import { create } from 'zustand'
import { goTo } from './navigation'

export interface Intent {
  name: string
  // biome-ignore lint/suspicious/noExplicitAny: each intent has data of its own; see the list above.
  data: Record<string, any>
}

const useInbox = create<{ waiting: Record<string, Intent[]> }>(() => ({ waiting: {} }))

/** Opens a screen and asks it for something. */
export function sendTo(screen: string, name: string, data: Record<string, unknown> = {}): void {
  useInbox.setState(({ waiting }) => ({
    waiting: { ...waiting, [screen]: [...(waiting[screen] ?? []), { name, data }] },
  }))
  goTo(screen)
}

/** Takes what other screens ask of this one: those that wait, and those that come while it is open. */
export function useIntents(screen: string, take: (intent: Intent) => void): void {
  const waiting = useInbox((state) => state.waiting[screen])
  const latest = useRef(take)
  latest.current = take
  useEffect(() => {
    if (!waiting?.length) return
    useInbox.setState((state) => ({ waiting: { ...state.waiting, [screen]: [] } }))
    for (const intent of waiting) latest.current(intent)
  }, [waiting, screen])
}
