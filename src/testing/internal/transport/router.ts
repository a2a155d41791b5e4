import { type CloudService, nothingHere } from "../services/cloudService.ts"
import { services } from "../services/list.ts"
import { hostname, json, type Request } from "../wire/message.ts"

/** Answers requests that match no service. */
const nowhere: CloudService = {
  isHost: () => false,
  isRequest: () => true,
  route: () => ({ service: "unknown", operation: "unknown" }),
  answer: nothingHere,
  errorAnswer: ({ code, message, status }, requestId, request) =>
    json(status, { RequestId: requestId, HostId: request.host, Code: code, Message: message }, code)
}

/**
 * Whether a host is part of the cloud, so a client may redirect its requests to a local server.
 *
 * @internal
 */
export const isCloudHost = (host: string): boolean => services.some((service) => service.isHost(host))

/** @internal */
export const findService = (request: Request): CloudService =>
  services.find((service) => service.isHost(hostname(request)))
    ?? services.find((service) => service.isRequest(request))
    ?? nowhere
