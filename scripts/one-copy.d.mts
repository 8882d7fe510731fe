import type { Plugin } from "esbuild";

export function oneCopy(root: string): Plugin;
