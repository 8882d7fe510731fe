export const layers: Readonly<Record<string, readonly string[]>>;
export const pureLayers: readonly string[];
export function forbiddenImports(root: string): string[];
