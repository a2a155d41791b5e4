/** The parameters in the address of a request. In Effect 4 they may be redacted ones. */
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as Redacted from "effect/Redacted"

const textOf = (value: string | Redacted.Redacted): string => Redacted.isRedacted(value) ? Redacted.value(value) : value

/** The request with other texts in place of those that are secret. @internal */
export const withoutSecretValues = (
  request: HttpClientRequest.HttpClientRequest,
  isSecret: (value: string) => boolean
): HttpClientRequest.HttpClientRequest => {
  const { params } = request.urlParams
  return params.some(([, value]) => isSecret(textOf(value)))
    ? HttpClientRequest.setUrlParams(
      request,
      params.map(([name, value]) => [name, isSecret(textOf(value)) ? "<redacted>" : value] as const)
    )
    : request
}
