// What can be wrong with an image.

/** Has the words for the user; unpack-image.ts puts the image's name in front. */
export class ImageFault extends Error {
  override readonly name = 'ImageFault'
  readonly hint: string | undefined

  constructor(message: string, more: { hint?: string | undefined; cause?: unknown } = {}) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause })
    this.hint = more.hint
  }
}
