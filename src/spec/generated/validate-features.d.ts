// Generated from schemas/ by scripts/generate-spec.ts. Do not edit.
export interface Finding {
  readonly instancePath: string
  readonly keyword: string
  readonly params: { readonly [name: string]: unknown }
}
export declare const validate: {
  (value: unknown): boolean
  errors?: readonly Finding[] | null
}
/** Made when it is asked for: a value that fits needs none. */
export declare function schema(): { readonly [keyword: string]: unknown }
