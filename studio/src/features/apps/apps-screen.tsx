import { useCallback, useState } from 'react'
import { useDocuments } from '@/app/documents'
import { type Intent, useIntents } from '@/app/intents'
import { goTo } from '@/app/navigation'
import type { ScreenProps } from '@/app/screens'
import { useDefinitions } from '@/net/definitions'
import type { FileRef } from '@/net/files'
import { AppChoice } from './app-choice'
import { openAppFile } from './app-files'
import { AppGrid } from './app-grid'
import { AppView } from './app-view'
import { Builder } from './builder'
import { useFirstPicture } from './first-picture'

/** All apps; one of them; or the workshop where one is made: `build/<document>`. */
export default function AppsScreen({ rest }: ScreenProps) {
  const [asked, setAsked] = useState<FileRef | null>(null)
  const give = useFirstPicture((state) => state.give)
  const { definitions } = useDefinitions()
  const take = useCallback(
    ({ name, data }: Intent) => {
      if (name === 'make-app') goTo('apps', `build/${data.document ?? useDocuments.getState().active}`)
      if (name === 'open-app' && definitions) void openAppFile(data.workflow, data.title, definitions)
      if (name !== 'use-picture') return
      if (typeof data.app === 'string') {
        give(data.app, data.file)
        goTo('apps', data.app)
      } else setAsked(data.file)
    },
    [give, definitions],
  )
  // An app file waits until it is known what its nodes are.
  useIntents(definitions ? 'apps' : '', take)
  return (
    <>
      {rest.startsWith('build/') ? (
        <Builder document={rest.slice('build/'.length)} />
      ) : rest ? (
        <AppView key={rest} name={rest} />
      ) : (
        <AppGrid />
      )}
      <AppChoice file={asked} onClose={() => setAsked(null)} />
    </>
  )
}
