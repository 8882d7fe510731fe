export const generatedPages: Record<string, (root: string) => string | Promise<string>>;
