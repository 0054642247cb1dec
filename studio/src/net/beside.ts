/** What the server has beside the studio: ComfyUI's own page and its templates, if they are installed. */
import { getJson } from './api'

export interface BesideStudio {
  /** Address of the classic editor; empty if it is not installed. */
  classic: string
  /** Where its templates are; empty if they are not installed. */
  templates: string
}

let asked: Promise<BesideStudio> | undefined

/** Asked for once; what cannot be asked for is not there. */
export function besideStudio(): Promise<BesideStudio> {
  asked ??= getJson<BesideStudio>('/limner/studio').catch(() => {
    asked = undefined
    return { classic: '', templates: '' }
  })
  return asked
}
