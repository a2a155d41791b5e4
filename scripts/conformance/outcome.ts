/** What came of a case on a tool. */
export type Outcome =
  | { readonly result: "passes" }
  | { readonly result: "otherwise" | "fails" | "cannot"; readonly why: string }
