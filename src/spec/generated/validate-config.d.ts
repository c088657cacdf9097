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
export declare const schema: { readonly [keyword: string]: unknown }
