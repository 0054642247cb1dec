/** Pictures that are part of a form: small enough to travel in it, so that an app that is shared has them. */

const LONGEST = 1024
const QUALITY = 0.85

/** The size of a picture that is no longer than the longest side; it never grows. */
export function fittingSize(
  width: number,
  height: number,
  longest = LONGEST,
): { width: number; height: number } {
  const scale = Math.min(1, longest / Math.max(width, height, 1))
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) }
}

/** A picture as an address that holds it. Rejects if it cannot be decoded. */
export async function carriedPicture(url: string, longest = LONGEST): Promise<string> {
  const image = new Image()
  image.src = url
  await image.decode()
  const size = fittingSize(image.naturalWidth, image.naturalHeight, longest)
  const canvas = Object.assign(document.createElement('canvas'), size)
  canvas.getContext('2d')!.drawImage(image, 0, 0, size.width, size.height)
  return canvas.toDataURL('image/webp', QUALITY)
}
