/** Whether a picture of the input folder has a mask: places that one can see through. */
import { useQuery } from '@tanstack/react-query'
import { fileOfInput, fileUrl } from '@/net/files'

/** A mask is looked for in a smaller picture; what is painted by hand is still there. */
const LONGEST = 512
const OPAQUE = 250

/** True or false once the picture was looked at; undefined before that, and for a picture that cannot be shown. */
export function usePictureMask(name: string, wanted: boolean): boolean | undefined {
  const { data } = useQuery({
    queryKey: ['picture-mask', name],
    queryFn: () => isMasked(fileUrl(fileOfInput(name))),
    enabled: wanted && name !== '',
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  })
  return data
}

async function isMasked(url: string): Promise<boolean> {
  const picture = new Image()
  picture.src = url
  await picture.decode()
  const scale = Math.min(1, LONGEST / Math.max(picture.naturalWidth, picture.naturalHeight))
  const canvas = document.createElement('canvas')
  canvas.width = Math.max(1, Math.round(picture.naturalWidth * scale))
  canvas.height = Math.max(1, Math.round(picture.naturalHeight * scale))
  const context = canvas.getContext('2d')!
  context.imageSmoothingQuality = 'high'
  context.drawImage(picture, 0, 0, canvas.width, canvas.height)
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height)
  for (let at = 3; at < data.length; at += 4) if (data[at]! < OPAQUE) return true
  return false
}
