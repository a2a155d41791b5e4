/** The parameters in the address of a request. In Effect 4 they may be redacted ones. */
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"

/** The request with other texts in place of those that are secret. @internal */
export const withoutSecretValues = (
  request: HttpClientRequest.HttpClientRequest,
  isSecret: (value: string) => boolean
): HttpClientRequest.HttpClientRequest =>
  request.urlParams.some(([, value]) => isSecret(value))
    ? HttpClientRequest.setUrlParams(
      request,
      request.urlParams.map(([name, value]) => [name, isSecret(value) ? "<redacted>" : value] as const)
    )
    : request
