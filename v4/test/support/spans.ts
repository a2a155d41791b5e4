import { type Exit, Layer, Tracer } from "effect"

export interface RecordedSpan extends Tracer.Span {
  readonly attributes: Map<string, unknown>
  status: Tracer.SpanStatus
  /** Every attribute, event and end, in order. */
  readonly history: ReadonlyArray<
    | { readonly attribute: string; readonly value: unknown }
    | { readonly event: string; readonly attributes: unknown }
    | { readonly exit: Exit.Exit<unknown, unknown> }
  >
}

/** Records the spans of its tracer. */
export const recordedSpans = () => {
  const spans: Array<RecordedSpan> = []
  const tracer = Tracer.make({
    span: ({ annotations, kind, links, name, parent, sampled, startTime }) => {
      const attributes = new Map<string, unknown>()
      const history: Array<RecordedSpan["history"][number]> = []
      const span: RecordedSpan = {
        _tag: "Span",
        name,
        spanId: String(spans.length + 1).padStart(16, "0"),
        traceId: "1".padStart(32, "0"),
        parent,
        annotations,
        links,
        sampled,
        kind,
        status: { _tag: "Started", startTime },
        attributes,
        history,
        attribute: (attribute, value) => {
          attributes.set(attribute, value)
          history.push({ attribute, value })
        },
        end: (endTime, exit) => {
          span.status = { _tag: "Ended", startTime, endTime, exit }
          history.push({ exit })
        },
        event: (event, _, attributes) => void history.push({ event, attributes }),
        addLinks: () => {}
      }
      spans.push(span)
      return span
    }
  })
  return { spans, tracer, layer: Layer.succeed(Tracer.Tracer, tracer) }
}
