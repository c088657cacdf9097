// The verbs on images, of the one table of options.ts.

import type { Command } from './flags.ts'

export const unpackCommand: Command = {
  name: 'unpack',
  describe: 'make a bundle of an image: an OCI layout, or an archive of docker save',
  positionals: [
    { name: 'image', describe: 'PATH of the layout or archive, with :TAG or @DIGEST' },
    { name: 'bundle', describe: 'directory to make; it may be there, and empty' },
  ],
  flags: [
    {
      name: 'platform',
      type: 'string',
      value: 'OS/ARCH',
      describe: "which image of an index (default this host's)",
    },
    {
      name: 'config',
      type: 'string',
      value: 'FILE',
      describe: 'merge FILE into the config.json that follows from the image (RFC 7396)',
    },
  ],
}
