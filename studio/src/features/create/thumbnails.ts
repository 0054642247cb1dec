/** Small versions of pictures. */
import { withQuery } from '@/net/api'
import type { SavedFile } from '@/net/files'

export const thumbnailUrl = (file: SavedFile, size: 256 | 512 = 256): string =>
  withQuery('/limner/thumbnail', {
    filename: file.filename,
    subfolder: file.subfolder,
    type: file.type,
    size,
  })
