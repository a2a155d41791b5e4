/** What came of a case on a tool. */
export type Outcome =
  | { readonly result: "passes" }
  | { readonly result: "fails" | "cannot"; readonly why: string }
