/** From which width on the canvas has room for what stands beside the picture. */

/** Room for the layers beside the picture. */
export const WIDE = '(min-width: 900px)'
/** Room for the settings, too. */
export const WIDER = '(min-width: 1200px)'
