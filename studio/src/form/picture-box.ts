/** The place of a picture that one paints or cuts on: exactly as wide and high as the picture is shown. */
import type { CSSProperties } from 'react'

/** As large as the dialog allows; nothing while the sides are unknown. What lies over the picture then fits it to the pixel. */
export const pictureBox = (width: number, height: number): CSSProperties | undefined =>
  width > 0 && height > 0
    ? { aspectRatio: `${width} / ${height}`, width: `min(100%, calc(46dvh * ${width / height}))` }
    : undefined
