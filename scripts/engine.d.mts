/** Makes the engine in a directory that has engine.cjs; returns why there is none. */
export declare function makeEngine(dist: string): string | undefined
/** Leaves word for the executor which Node is to run the JavaScript. */
export declare function linkNode(dist: string): void
/** Has Node keep the code that it makes of engine.cjs. */
export declare function keepCode(dist: string): void
