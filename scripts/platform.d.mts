/** Processors that npm is told of: it takes the package that fits. */
export declare const ARCHITECTURES: readonly string[]
/** The package with the executor for Linux on a processor, by Node's name for it. */
export declare function packageName(arch: string): string
