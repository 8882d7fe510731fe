import type { AppEvent, ParleyApi } from "../app/api.ts";

/** ParleyApi whose every method, `subscribe` apart, is `call` with the method's name. */
export function apiOver(
  call: (method: keyof ParleyApi, params?: unknown) => Promise<unknown>,
  subscribe: (listener: (event: AppEvent) => void) => () => void,
): ParleyApi {
  return new Proxy({} as ParleyApi, {
    get: (_, name) => {
      if (name === "subscribe") return subscribe;
      // An object with a method "then" would be taken for a promise.
      if (typeof name !== "string" || name === "then") return undefined;
      return (params?: unknown) => call(name as keyof ParleyApi, params);
    },
  });
}
