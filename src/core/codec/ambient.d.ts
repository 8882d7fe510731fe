/**
 * The only platform globals core may use besides ECMAScript: the encoding standard, which every
 * runtime has. Core is compiled with `types: []` and no DOM, so anything else is a compile error.
 */
declare class TextEncoder {
  encode(input?: string): Uint8Array;
}
declare class TextDecoder {
  constructor(label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean });
  decode(input?: Uint8Array): string;
}
