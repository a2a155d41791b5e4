import type { Survivors } from "./index.ts"

/** @internal */
export const time: Survivors = {
  "wire/time": [
    {
      why: "V8 parses an offset without a colon too; other engines need the colon",
      mutants: [
        "text.replace(/([+-]\\d{2})(\\d{2})$/, \"$1:$2\") => text",
        "/([+-]\\d{2})(\\d{2})$/ => /([^+-]\\d{2})(\\d{2})$/"
      ]
    },
    {
      why: "in an instant, four digits follow a sign only at the end: those of a date are two and two",
      mutants: ["/([+-]\\d{2})(\\d{2})$/ => /([+-]\\d{2})(\\d{2})/"]
    },
    {
      why: "undefined is no date, whether it is compared or seen as a text; the compiler needs the comparison",
      mutants: ["trimmed !== undefined && httpDate.test(trimmed) => httpDate.test(trimmed)"]
    },
    {
      why: "neither text is a number of seconds",
      mutants: ["\"\" => \"mutated\""]
    },
    {
      why: "NaN is in the list with and without it, and NaN is never off",
      mutants: ["serverDate ?? readAt => serverDate"]
    },
    {
      why:
        "without a date no difference of the clocks is proven, so the other condition holds too; the compiler needs both",
      mutants: ["serverDate === undefined || provenSkew(exchange) === 0 => provenSkew(exchange) === 0"]
    },
    {
      why: "equal readings are the same in either order",
      mutants: ["byLocal <= byServer => byLocal < byServer"]
    }
  ]
}
