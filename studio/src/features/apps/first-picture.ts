/** A picture that another screen wants an app to begin with, until the app takes it. */
import { create } from 'zustand'
import type { FileRef } from '@/net/files'

interface Waiting {
  pictures: Record<string, FileRef>
  give: (app: string, file: FileRef) => void
  take: (app: string) => FileRef | undefined
}

export const useFirstPicture = create<Waiting>((set, get) => ({
  pictures: {},
  give: (app, file) => set(({ pictures }) => ({ pictures: { ...pictures, [app]: file } })),
  take: (app) => {
    const { [app]: file, ...pictures } = get().pictures
    if (file) set({ pictures })
    return file
  },
}))
