export function isBuilt(root: string): boolean;
export function sourceStamp(root: string): string;
export function stampFile(root: string): string;
