// The packages that bring the executor ready-made, one for each platform.

/** Processors that npm is told of: it takes the package that fits. */
export const ARCHITECTURES = ['x64', 'arm64']

/** The package with the executor for Linux on a processor, by Node's name for it. */
export const packageName = (arch) => `@tsoci/linux-${arch}`
