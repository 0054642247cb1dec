/** How large a picture of the input folder is, and in which size a model draws over it. */
import { useQuery } from '@tanstack/react-query'
import { fileOfInput, fileUrl } from '@/net/files'
import { type Size, type SizeLimits, sizeOf } from './sizes'

/** How many times more or fewer pixels than it was trained for a model still copes with. */
const AT_HOME = 2

/** The picture's own size where the model is at home in it; else its ratio with the pixels that the model knows. */
export function sizeForPicture(picture: Size, limits: SizeLimits): Size {
  const own = picture.width * picture.height
  const trained = limits.pixels ?? own
  const isAtHome = own >= trained / AT_HOME && own <= trained * AT_HOME
  return sizeOf(picture.width / picture.height, isAtHome ? own : trained, limits)
}

/** The sides of a picture; rejects if it cannot be shown. */
export async function pictureSize(name: string): Promise<Size> {
  const picture = new Image()
  picture.src = fileUrl(fileOfInput(name))
  await picture.decode()
  return { width: picture.naturalWidth, height: picture.naturalHeight }
}

/** The sides of a picture once they are known. */
export function usePictureSize(name: string): Size | undefined {
  const { data } = useQuery({
    queryKey: ['picture-size', name],
    queryFn: () => pictureSize(name),
    enabled: name !== '',
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  })
  return data
}
