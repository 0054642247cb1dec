/** Commands that hold on every screen. */
import { useMemo } from 'react'
import { t } from '@/i18n/text'
import { announce } from '@/ui/announce'
import { forgetRemembered } from '@/ui/remembered'
import { toggleCommands } from './command-search'
import { type Command, useCommands } from './commands'
import { closeDocument, openDocument, redo, undo, useDocuments } from './documents'
import { sendTo } from './intents'
import { isLive, useJobs } from './jobs'
import { showKeys } from './keys-page'
import { goTo } from './navigation'
import { prefer } from './preferences'
import { toggleQueueDrawer } from './queue-drawer'
import { cancelJobs } from './run'
import { runNow } from './run-now'
import { runDocument } from './run-target'
import { screens } from './screens'

export function useFrameCommands(): void {
  useCommands(useMemo(() => [...running(), ...editing(), ...going(), ...looking()], []))
}

const running = (): Command[] => {
  const group = t('Run')
  return [
    { id: 'run', label: t('Run'), keys: 'Mod+Enter', group, whileTyping: true, run: () => void runNow() },
    {
      id: 'run.first',
      label: t('Run first in the queue'),
      keys: 'Mod+Shift+Enter',
      group,
      whileTyping: true,
      run: () => void runNow({ front: true }),
    },
    {
      id: 'run.cancel',
      label: t('Cancel what runs'),
      keys: 'Mod+Alt+Enter',
      group,
      whileTyping: true,
      run: cancelRunning,
    },
    { id: 'queue.drawer', label: t('Show or hide the queue'), keys: 'q', group, run: toggleQueueDrawer },
  ]
}

const editing = (): Command[] => {
  const group = t('Document')
  const active = () => useDocuments.getState().active
  return [
    { id: 'undo', label: t('Undo'), keys: 'Mod+Z', group, run: () => say(t('Undo'), undo(active())) },
    { id: 'redo', label: t('Redo'), keys: 'Mod+Shift+Z', group, run: () => say(t('Redo'), redo(active())) },
    {
      id: 'redo.y',
      label: t('Redo'),
      keys: 'Mod+Y',
      group,
      hidden: true,
      run: () => say(t('Redo'), redo(active())),
    },
    { id: 'document.new', label: t('New document'), group, run: () => openDocument() },
    {
      id: 'document.app',
      label: t('Make an app of this workflow'),
      group,
      run: () => sendTo('apps', 'make-app', { document: active() }),
    },
    { id: 'document.close', label: t('Close document'), group, run: () => closeDocument(active()) },
  ]
}

const going = (): Command[] =>
  screens
    .filter((screen) => !screen.hidden)
    .map((screen, at) => ({
      id: `go.${screen.id}`,
      label: t('Go to {{screen}}', { screen: screen.title() }),
      keys: at < 8 && screen.order < 90 ? String(at + 1) : screen.id === 'settings' ? 'Mod+,' : undefined,
      group: t('Screens'),
      run: () => goTo(screen.id),
    }))

const looking = (): Command[] => {
  const group = t('View')
  return [
    {
      id: 'search',
      label: t('Search and commands'),
      keys: 'Mod+K',
      group,
      whileTyping: true,
      hidden: true,
      run: toggleCommands,
    },
    { id: 'keys', label: t('Keys of this screen'), keys: '?', group, run: showKeys },
    { id: 'theme.dark', label: t('Dark theme'), group, run: () => prefer({ theme: 'dark' }) },
    { id: 'theme.light', label: t('Light theme'), group, run: () => prefer({ theme: 'light' }) },
    { id: 'theme.system', label: t('Theme of the system'), group, run: () => prefer({ theme: 'system' }) },
    { id: 'layout.reset', label: t('Reset layout'), group, run: forgetRemembered },
  ]
}

const say = (what: string, label: string): void => {
  if (label) announce(`${what}: ${label}`)
}

function cancelRunning(): void {
  const shown = runDocument()
  const { jobs, order } = useJobs.getState()
  const live = order.filter((id) => isLive(jobs[id]!))
  const own = live.filter((id) => jobs[id]!.document === shown)
  const meant = own.length > 0 ? own : live
  if (meant.length > 0) void cancelJobs(meant)
}
