export function findQuickjs(top: string): string | undefined
export function linkNode(dist: string): void
